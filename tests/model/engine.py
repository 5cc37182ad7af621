"""The real system, driven by the same acts as the model, on PostgreSQL."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from templates_engine.store.commands import import_template
from tests.factories import NOW, give_role, proxy, user
from tests.model.cast import ADDED_ROLES, ROLES
from tests.model.programs import Act
from tickets.background import timers
from tickets.commands import children, execution, signers
from tickets.commands import reassign as reassigning
from tickets.commands.decide import decide
from tickets.commands.submit import create, resubmit
from tickets.commands.withdraw import withdraw
from tickets.models import ApprovalTask, NodeVisit, Ticket, Timer


def furnish() -> None:
    """Create the roles that the test people have in addition to the demo organisation."""
    for role in ADDED_ROLES:
        give_role(role, *ROLES[role])


def publish(document: dict[str, Any]) -> None:
    """Import a template from its document."""
    import_template(text=json.dumps(document), actor=None, at=NOW, publish_it=True)


def hand_in(key: str, form: dict[str, Any], chosen: dict[str, list[str]]) -> "Engine":
    """Submit a ticket as alice."""
    return Engine(create(template=key, form=form, actor=user("alice"), at=NOW, chosen=chosen), NOW)


class Engine:
    """One ticket of the real system, at a given time."""

    def __init__(self, ticket: Ticket, at: datetime) -> None:
        self.ticket, self.at = ticket, at

    def children(self) -> list["Engine"]:
        """Its sub-tickets, oldest first."""
        return [Engine(child, self.at) for child in Ticket.objects.filter(parent=self.ticket).order_by("id")]

    def family(self) -> Iterator["Engine"]:
        """The ticket and all its descendants, parents first."""
        yield self
        for child in self.children():
            yield from child.family()

    def wake_family(self) -> bool:
        """Wake parents whose children have ended, as the sweep does; returns whether that closed more visits."""
        family = [engine.ticket.pk for engine in self.family()]
        waiting = NodeVisit.objects.filter(ticket__in=family, state="open", type="subticket").order_by("-id")
        before = list(waiting.values_list("pk", flat=True))
        for visit in before:
            children.wake(visit_id=visit, at=self.at)
        return before != list(waiting.all().values_list("pk", flat=True))

    def perform(self, act: Act) -> None:
        """Perform the act on the system. Raises DomainError if it is refused."""
        more, number = act.more, self.ticket.number
        if act.verb == "leave":
            left = user(more["who"])
            left.is_active = False
            left.save()
        elif act.verb == "proxy":
            proxy(more["principal"], more["agent"], NOW - timedelta(days=1), NOW + timedelta(days=99))
        elif act.verb == "tick":
            timers.fire_due(self.at)
            due = Timer.objects.filter(fired_at=None, due_at__lte=self.at, visit__state="open")
            assert not due.exclude(visit__ticket__in=self._running()).exists(), "a timer fell over"
        elif act.verb in ("job", "resolve"):
            self._machine(more["say"] if act.verb == "job" else "resolve")
        elif act.verb == "withdraw":
            withdraw(number=number, actor=user(act.actor), at=self.at)
        elif act.verb == "resubmit":
            resubmit(number=number, actor=user(act.actor), at=self.at, form=more["form"])
        elif act.verb == "reassign":
            reassigning.reassign(
                number=number, actor=user(act.actor), at=self.at, node=more["node"], users=more["users"], comment="x"
            )
        else:
            self._decide(act)

    def _running(self) -> QuerySet[Any]:
        """The tickets with a running job: a timer that vetoes waits for it."""
        running = NodeVisit.objects.filter(type="automation", state="open", started_at__isnull=False)
        return running.values("ticket")

    def _machine(self, say: str) -> None:
        visit = NodeVisit.objects.filter(ticket=self.ticket, type="automation").order_by("state", "id").last()
        assert visit is not None
        pk = visit.pk
        if say == "begin":
            execution.begin(visit_id=pk, job_id=1, at=self.at)
        elif say == "resolve":
            execution.resolve(visit_id=pk, job_id=1, actor=user("admin"), at=self.at, comment="x")
        else:
            execution.settle(visit_id=pk, job_id=1, at=self.at, ok=say == "done", outcome=say, hosts={})

    def _decide(self, act: Act) -> None:
        task, more = self._task(act), act.more
        who: dict[str, Any] = {"actor": user(act.actor), "at": self.at, "comment": "x"}
        if act.verb == "transfer":
            signers.transfer(task_id=task.pk, users=more["users"], channel="web", **who)
        elif act.verb == "add_sign":
            signers.add_sign(task_id=task.pk, users=more["users"], position=more["position"], channel="web", **who)
        elif act.verb == "remove_sign":
            signers.remove_sign(task_id=task.pk, users=more["users"], channel="web", **who)
        else:
            verb: Any = "confirm" if act.verb == "approve" and task.visit.type == "confirm" else act.verb
            said: dict[str, Any] = {"to": more["to"], "resume": more["resume"]} if act.verb == "return" else {}
            if more.get("edit"):
                said["form"] = more["edit"]
            decide(task_id=task.pk, verb=verb, channel="web", **said, **who)

    def _task(self, act: Act) -> ApprovalTask:
        assert act.visit is not None
        assert act.seat is not None
        theirs = ApprovalTask.objects.filter(
            visit__ticket=self.ticket, visit__node=act.visit.node, visit__round=act.visit.round,
            assignee__username=act.seat.who,
        )  # fmt: skip
        return theirs.select_related("visit").get(state=act.seat.state)

    def rows(self) -> tuple[Any, ...]:
        """All stored rows of it, to check that a refusal changed nothing."""
        mine = {"ticket_id": self.ticket.pk}
        return (
            Ticket.objects.values_list().get(pk=self.ticket.pk),
            list(ApprovalTask.objects.filter(**mine).order_by("id").values_list()),
            list(NodeVisit.objects.filter(**mine).order_by("id").values_list()),
            list(Ticket.objects.filter(parent_id=self.ticket.pk).order_by("id").values_list()),
        )

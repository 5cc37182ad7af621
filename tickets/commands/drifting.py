"""Ask people again if the run would change something else than they signed (I05)."""

from datetime import datetime

from django.db import transaction

from tickets.commands.asking_again import ask_again
from tickets.commands.dry_run_results import sign_with, who_signed, write_down
from tickets.engine.walk import OPEN, lock
from tickets.errors import WrongState
from tickets.rules.dry_run_rules import Foreseen
from tickets.states.ticket import FINAL


@transaction.atomic
def ask_anew(*, visit_id: int, job_id: int, at: datetime, result: Foreseen, drift: int, limit: int) -> bool:
    """Go back from a job that has not begun to those who approved it, with the new dry run.

    Their earlier decisions fall, so nothing runs on them; a new approval makes a new job. If the dry run failed, nobody
    can approve until a better one is there. Returns False, with nothing changed, if nobody can be asked: approvers
    before a job that has begun are not asked again. Raises WrongState if the ticket waits for no job here.
    """
    walk = lock(at, visit=visit_id)
    visit = next(visit for visit in walk.visits if visit.pk == visit_id)
    plan = walk.content.plans.get(visit.node)
    is_waiting = visit.state == OPEN and not visit.is_running and visit.outcome != "failed"
    if walk.ticket.state in FINAL or not is_waiting or plan is None or plan["digest"] != result["plan"]:
        raise WrongState
    fallen = who_signed(walk, visit.node)
    if not fallen:
        return False
    told = sign_with(walk, plan, result, fallen)
    told |= {"job": job_id, "drift": drift, "limit": limit}
    write_down(walk, visit.node, result, **told)
    ask_again(walk, fallen)
    walk.save()
    return True

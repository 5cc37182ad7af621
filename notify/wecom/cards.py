"""Approval cards: what a person sees of a ticket before a tap decides."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation

from notify.models import Card
from notify.texts.contents import contents
from notify.texts.messages import asker, card_url, template_name
from notify.texts.safe_text import fit
from notify.wecom import words
from templates_engine.text import localize
from tickets import ports
from tickets.content.signing import FORWARD, is_high_risk, waiting_plans
from tickets.engine.loading import load_rows
from tickets.models import ApprovalTask
from tickets.models.content import Plan
from tickets.queries.hidden import tells
from tickets.queries.tasks import reader_of
from tickets.rules.dry_run_rules import OFFERED, held_back, last_of
from tickets.rules.rights import verbs_of

# The platform's limits in characters (wecom.md 2.3–2.5); the smaller value where sources disagree.
TITLE, DESC, SUB_TITLE, KEY_NAME, VALUE, BUTTON, SOURCE = 36, 44, 112, 5, 26, 10, 20
# NAME: of a person, or of a field whose value is cut anyway. NAME_MIN: the shortest cut name of a field.
NAME, NAME_MIN = 12, 8
BULLET = "·"
ROWS_MAX = 6
PRIMARY, SECONDARY, PLAIN = 1, 2, 4


@dataclass(frozen=True)
class Face:
    """What one card shows and offers. digest: of the content shown; verbs: what its callback buttons do."""

    verbs: list[str]
    digest: str
    body: dict[str, Any]


def offered(card: Card) -> tuple[list[str], list[Plan]]:
    """(verbs that the holder may use by one tap now, plans that an approval would run).

    A card never offers a veto, nor the approval of a high-risk plan (A25).
    """
    visits, tasks = load_rows(card.task.ticket)
    task = next(task for task in tasks if task.pk == card.task_id)
    holder = reader_of(card.user, {task.assignee_id}, [task])
    possible = verbs_of(task, card.task.ticket, (visits, tasks), holder)
    verbs = [verb for verb in possible if verb in words.BUTTONS]
    plans = waiting_plans(card.task.ticket.content, visits)
    if is_high_risk(plans):
        verbs = [verb for verb in verbs if verb not in FORWARD]
    return verbs, plans


def face(card: Card) -> Face:
    """The card in the holder's language. card.task must be loaded with ticket, content, visit and assignee."""
    with translation.override(card.user.language):
        return _face(card, card.user.language)


def _face(card: Card, language: str) -> Face:
    task = card.task
    verbs, plans = offered(card)
    rows, untold = _rows(card, plans, language)
    url = card_url(task.ticket)
    body = {
        "card_type": "button_interaction",
        "source": {"desc": fit(localize(words.SOURCE, language), SOURCE), "desc_color": 0},
        "main_title": {
            "title": fit(task.ticket.title, TITLE) or task.ticket.number,
            "desc": fit(_step(card, language), DESC),
        },
        "sub_title_text": fit(_sub_title(task, plans, verbs, untold, language), SUB_TITLE),
        "horizontal_content_list": rows,
        "task_id": card.key,
        "card_action": {"type": 1, "url": url},
        "button_list": [*_buttons(verbs, language), _details(url, language)],
    }
    return Face(verbs, task.ticket.content.digest if task.ticket.content else "", body)


def _step(card: Card, language: str) -> str:
    """Ticket number and step; before them the principal, if the holder acts as an agent."""
    task = card.task
    name = task.ticket.template_version.program.get("nodes", {}).get(task.visit.node, {}).get("name") or task.visit.node
    step = f"{task.ticket.number} · {localize(name, language)}"
    if card.user_id == task.assignee_id:
        return step
    return f"{localize(words.ACTING_FOR, language).format(principal=fit(task.assignee.name, NAME))} · {step}"


def _sub_title(task: ApprovalTask, plans: list[Plan], verbs: list[str], untold: str, language: str) -> str:
    """What would run and its digest; if nothing runs, the reason of the request. What a tap cannot do comes first."""
    parts = [part for plan in plans for part in _of_plan(task, plan, language) if part]
    if plans and task.ticket.content:
        parts.append(f"{localize(words.DIGEST, language)} {short(task.ticket.content.digest)}")
    elif untold:
        parts.append(untold)
    if any(_is_to_come(task, plan) for plan in plans):
        parts.append(localize(words.FORESEEING, language))
    if not set(verbs) & set(FORWARD):
        why = words.HIGH_RISK if is_high_risk(plans) else words.NOT_YET
        if held_back(task.ticket, task.visit.node):
            why = words.DRY_RUN
        parts.insert(0, localize(why, language))
    return "；".join(parts)


def short(digest: str) -> str:
    """A shortened digest, in the same form as on the ticket's page, so that people can compare them."""
    return f"{digest[:4]}…{digest[-4:]}"


def _of_plan(task: ApprovalTask, plan: Plan, language: str) -> tuple[str, ...]:
    checks = ports.planner().describe(plan).get("checks")
    checked = localize(words.CHECKED, language) if checks else ""
    return _plan_line(plan, language), checked, _foreseen(task, plan, language)


def _plan_line(plan: Plan, language: str) -> str:
    described = ports.planner().describe(plan)
    count = len(plan["targets"])
    hosts = localize(words.HOST if count == 1 else words.HOSTS, language).format(count=count)
    return f"{localize(described.get('name') or plan['action'], language)} · {hosts}"


def _foreseen(task: ApprovalTask, plan: Plan, language: str) -> str:
    """The result of the dry run; "" if there is none, or if this step hides the hosts."""
    last = last_of(task.ticket.foreseen, plan)
    nodes = task.ticket.template_version.program.get("nodes", {})
    if last is None or tells(nodes.get(plan["node"], {}).get("targets"), hidden_at(task)):
        return ""
    return localize(words.FORESEEN, language).format(words=localize(last["words"], language))


def _is_to_come(task: ApprovalTask, plan: Plan) -> bool:
    """Whether the result of an offered dry run may come after the card, which then says where it will be.

    No card that is out is changed for it: WeCom gives one code, and that is kept for the decision. Of a required one
    there is a new card.
    """
    own = task.ticket.content.plans.get(plan["node"]) if task.ticket.content else None
    return plan == own and plan.get("dry_run") == OFFERED and last_of(task.ticket.foreseen, plan) is None


def _rows(card: Card, plans: list[Plan], language: str) -> tuple[list[dict[str, str]], str]:
    """(the rows, the first long text that no row shows)."""
    task = card.task
    pairs = [
        (localize(words.ROWS["template"], language), template_name(task.ticket, language)),
        (localize(words.ROWS["applicant"], language), asker(task.ticket)),
    ]
    if card.user_id != task.assignee_id:
        pairs.append((localize(words.ROWS["proxy"], language), task.assignee.name))
    last = [(localize(words.ROWS["plan"], language), _plan_line(plan, language)) for plan in plans[:1]]
    asked = contents(task.ticket, card.user).without(hidden_at(task))
    told = asked.most_important(ROWS_MAX - len(pairs) - len(last))
    pairs += [*((field.label, field.words) for field in told), *last]
    return [row(name, value) for name, value in pairs], asked.long_words(told)


def row(name: str, value: str) -> dict[str, str]:
    """One row. A name too long for its column moves before the value, shortened if that keeps the value whole."""
    room = VALUE - len(": ") - len(fit(value, VALUE + 1))
    fits_alone = -len(": ") <= room < NAME_MIN
    if len(name) > KEY_NAME and not fits_alone:
        name, value = BULLET, f"{fit(name, room if room > 0 else NAME)}: {value}"
    return {"keyname": fit(name, KEY_NAME) or "-", "value": fit(value, VALUE) or "-"}


def hidden_at(task: ApprovalTask) -> set[str]:
    """The fields that this step hides, even from people who see them at another step."""
    fields = task.ticket.template_version.document.get("form") or []
    return {field["key"] for field in fields if task.visit.node in field.get("hidden_at", [])}


def _buttons(verbs: list[str], language: str) -> list[dict[str, Any]]:
    return [
        {
            "type": 0,
            "text": fit(localize(words.BUTTONS[verb], language), BUTTON),
            "style": SECONDARY if verb == "return" else PRIMARY,
            "key": verb,
        }
        for verb in verbs
    ]


def _details(url: str, language: str) -> dict[str, Any]:
    return {
        "type": 1,
        "text": fit(localize(words.BUTTONS["details"], language), BUTTON),
        "style": PLAIN,
        "url": url,
    }


def message(card: Card, body: dict[str, Any]) -> dict[str, Any]:
    """The whole message/send body: one message per person, so that each card has its own codes."""
    return {
        "touser": card.user.wecom_userid,
        "msgtype": "template_card",
        "agentid": settings.WECOM_AGENT_ID,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
        "template_card": body,
    }

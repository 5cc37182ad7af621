"""The approval card: what a person sees of a ticket before one tap decides."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation

from notify.contents import contents
from notify.messages import asker, card_url, template_name
from notify.models import Card
from notify.visible import fit
from notify.wecom import words
from templates_engine.text import localize
from tickets import ports
from tickets.loading import load_rows
from tickets.models import ApprovalTask
from tickets.models.content import Plan
from tickets.queries.tasks import allowed_verbs, reader_of
from tickets.signing import FORWARD, is_high_risk, waiting_plans

# The platform's limits in characters (wecom.md 2.3–2.5); the smaller value where sources disagree.
TITLE, DESC, SUB_TITLE, KEY_NAME, VALUE, BUTTON, SOURCE = 36, 44, 112, 5, 26, 10, 20
NAME, NAME_MIN = 12, 8  # of a person; of a field, where its value is cut anyway; the least that still tells a field
BULLET = "·"
ROWS_MAX = 6
PRIMARY, SECONDARY, PLAIN = 1, 2, 4


@dataclass(frozen=True)
class Face:
    """What one card offers and shows. digest: of the content shown; verbs: what its callback buttons do."""

    verbs: list[str]
    digest: str
    body: dict[str, Any]


def offered(card: Card) -> tuple[list[str], list[Plan]]:
    """(the verbs that one tap of its holder may carry out now, what a yes would let run).

    No refusal for good, no yes to a high risk (A25).
    """
    visits, tasks = load_rows(card.task.ticket)
    seats = [task for task in tasks if task.visit_id == card.task.visit_id]
    task = next(seat for seat in seats if seat.pk == card.task_id)
    holder = reader_of(card.user, {task.assignee_id}, [task])
    verbs = [verb for verb in allowed_verbs(task, card.task.ticket, seats, holder) if verb in words.BUTTONS]
    plans = waiting_plans(card.task.ticket.content, visits)
    if is_high_risk(plans):
        verbs = [verb for verb in verbs if verb not in FORWARD]
    return verbs, plans


def face(card: Card) -> Face:
    """The card for its holder, in his language. card.task comes with ticket, content, visit and assignee."""
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
    """For whom, before anything else, where it is somebody else's seat; which ticket; which step."""
    task = card.task
    name = task.ticket.template_version.program.get("nodes", {}).get(task.visit.node, {}).get("name") or task.visit.node
    step = f"{task.ticket.number} · {localize(name, language)}"
    if card.user_id == task.assignee_id:
        return step
    return f"{localize(words.ACTING_FOR, language).format(principal=fit(task.assignee.name, NAME))} · {step}"


def _sub_title(task: ApprovalTask, plans: list[Plan], verbs: list[str], untold: str, language: str) -> str:
    """What would run and its digest; where nothing runs, why somebody asks. What a tap cannot do stands first."""
    parts = [_plan_line(plan, language) for plan in plans]
    if plans and task.ticket.content:
        parts.append(f"{localize(words.DIGEST, language)} {short(task.ticket.content.digest)}")
    elif untold:
        parts.append(untold)
    if not set(verbs) & set(FORWARD):
        why = words.HIGH_RISK if is_high_risk(plans) else words.NOT_YET
        parts.insert(0, localize(why, language))
    return "；".join(parts)


def short(digest: str) -> str:
    """A digest as the ticket's page shows it too, so that the two can be compared."""
    return f"{digest[:4]}…{digest[-4:]}"


def _plan_line(plan: Plan, language: str) -> str:
    described = ports.planner().describe(plan)
    count = len(plan["targets"])
    hosts = localize(words.HOST if count == 1 else words.HOSTS, language).format(count=count)
    return f"{localize(described.get('name') or plan['action'], language)} · {hosts}"


def _rows(card: Card, plans: list[Plan], language: str) -> tuple[list[dict[str, str]], str]:
    """The rows, and the first long text that none of them shows."""
    task = card.task
    pairs = [
        (localize(words.ROWS["template"], language), template_name(task.ticket, language)),
        (localize(words.ROWS["applicant"], language), asker(task.ticket)),
    ]
    if card.user_id != task.assignee_id:
        pairs.append((localize(words.ROWS["proxy"], language), task.assignee.name))
    last = [(localize(words.ROWS["plan"], language), _plan_line(plan, language)) for plan in plans[:1]]
    asked = contents(task.ticket, card.user).without(hidden_at(task))
    told = asked.telling(ROWS_MAX - len(pairs) - len(last))
    pairs += [*((field.label, field.words) for field in told), *last]
    return [row(name, value) for name, value in pairs], asked.long_words(told)


def row(name: str, value: str) -> dict[str, str]:
    """One row. A name too long for its column stands before its value, shortened where that keeps the value whole."""
    room = VALUE - len(": ") - len(fit(value, VALUE + 1))
    fits_alone = -len(": ") <= room < NAME_MIN
    if len(name) > KEY_NAME and not fits_alone:
        name, value = BULLET, f"{fit(name, room if room > 0 else NAME)}: {value}"
    return {"keyname": fit(name, KEY_NAME) or "-", "value": fit(value, VALUE) or "-"}


def hidden_at(task: ApprovalTask) -> set[str]:
    """The fields that this step does not show, also to somebody who sees them at another one."""
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
    """The whole message/send body: one message per person, so each card has codes of its own."""
    return {
        "touser": card.user.wecom_userid,
        "msgtype": "template_card",
        "agentid": settings.WECOM_AGENT_ID,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
        "template_card": body,
    }

"""Changes of a form, before and after, as far as a reader may see them, in the active language (I23)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from notify.texts.contents import files_of
from notify.texts.safe_text import fit
from templates_engine.forms.wording import label_of, names_in, value_in_words
from templates_engine.store.programs import load
from templates_engine.text import localize
from tickets.models import ApprovalTask, Event
from tickets.queries.detail import hidden_from
from tickets.queries.visible import may_see
from tickets.states import TaskState
from tickets.trail.events import Kind

CHANGING = frozenset({Kind.TICKET_EDITED, Kind.TICKET_RESUBMITTED})


def changed(event: Event, reader: User, most: int = 0) -> list[tuple[str, str]]:
    """(label, `before → after`) of each changed field that this reader may see.

    most: the maximum number of characters of a value, 0 for no limit.
    """
    diff = event.data.get("diff") or []
    if event.kind not in CHANGING or not diff:
        return []
    if not may_see(reader, event.ticket, timezone.now()):
        return []
    form = load(event.ticket.template_version_id).form
    fields = {field["key"]: field for field in form}
    hidden = hidden_from(reader, event.ticket, timezone.now())
    seen = [change for change in diff if change["field"] in fields and change["field"] not in hidden]
    sides = [{change["field"]: change[side] for change in seen if change[side]} for side in ("before", "after")]
    names = names_in(form, sides, files_of(event.ticket, form))
    facts = []
    for change in seen:
        field = fields[change["field"]]
        words = [value_in_words(field, change[side], names) or _("empty") for side in ("before", "after")]
        facts.append((label_of(field), " → ".join(fit(said, most) if most else said for said in words)))
    return facts or [(_("Changed"), _("fields that are not shown to you"))]


def consequences(event: Event, reader: User) -> list[tuple[str, str]]:
    """Which steps decide again, and whether this reader's own decision still counts."""
    if event.kind not in CHANGING or "diff" not in event.data:
        return []
    again, program = event.data.get("again") or [], load(event.ticket.template_version_id)
    all_anew = event.data.get("voided") or (event.kind == Kind.TICKET_RESUBMITTED and not event.data.get("nodes"))
    mine = ApprovalTask.objects.filter(
        ticket=event.ticket_id, state__in=[TaskState.APPROVED, TaskState.CONFIRMED], decided_by=reader,
        decided_at__lte=event.at,
    )  # fmt: skip
    nodes = set(mine.exclude(digest=event.data["digest"]).values_list("visit__node", flat=True))
    facts = []
    if again:
        facts.append((_("Decided again at"), ", ".join(localize(program.node(key)["name"]) for key in again)))
    if nodes:
        falls = all_anew or nodes & set(again)
        facts.append((_("Your decision"), _("no longer counts, you will be asked again") if falls else _("stands")))
    return facts

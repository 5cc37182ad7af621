"""Check the alarm rules against the trail of administration, for `audit verify` (A32)."""

from collections.abc import Iterator

from accounts.models import AdminEvent
from accounts.trail.acts import Kind
from automation.models.shell_alarm import ShellWord
from automation.shells.alarms.rules import is_sound
from tickets.audit.verify import Break

OF_RULES = (Kind.SHELL_WORD_ADDED, Kind.SHELL_WORD_CHANGED, Kind.SHELL_WORD_REMOVED)


def breaks() -> Iterator[Break]:
    """Every rule that differs from what an administrator saved, and every rule that is gone without a removal."""
    known = set()
    for word in ShellWord.objects.select_related("group", "applicant").order_by("pk"):
        known.add(word.about)
        if not is_sound(word):
            yield Break(word.about, 0, "changed_rule", "the row is not what the trail of administration says")
    for act in AdminEvent.objects.filter(kind__in=OF_RULES).order_by("about", "-seq").distinct("about"):
        if act.kind != Kind.SHELL_WORD_REMOVED and act.about not in known:
            yield Break(act.about, 0, "lost_rule", "the row is gone, and nobody removed it")

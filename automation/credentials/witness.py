"""Check the rows of credentials against the trail of administration, for `audit verify` (A32)."""

from collections.abc import Iterator

from accounts.models import AdminEvent
from accounts.trail.acts import Kind
from automation.credentials.trust import OF_CREDENTIALS, is_sound
from automation.models import Credential
from tickets.audit.verify import Break


def breaks() -> Iterator[Break]:
    """Every row that differs from what was stored, and every credential whose row is gone without a removal."""
    known = set()
    for row in Credential.objects.order_by("name").iterator():
        known.add(row.about)
        if not is_sound(row):
            yield Break(row.about, 0, "changed_credential", "the row is not what the trail of administration says")
    newest = AdminEvent.objects.filter(kind__in=OF_CREDENTIALS).order_by("about", "-seq").distinct("about")
    for act in newest:
        if act.kind != Kind.CREDENTIAL_REMOVED and act.about not in known:
            yield Break(act.about, 0, "lost_credential", "the row is gone, and nobody removed it")

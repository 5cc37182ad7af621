"""The purge: what it deletes and what it keeps."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.api.idempotency import KEEP
from accounts.models import IdempotencyRecord, Session
from accounts.tasks import purge
from tests.factories import user

pytestmark = pytest.mark.usefixtures("world")


def test_only_old_answers_and_ended_sessions_go() -> None:
    now = timezone.now()
    for name, age in (("old", KEEP + timedelta(minutes=1)), ("young", KEEP - timedelta(minutes=1))):
        record = IdempotencyRecord.objects.create(user=user("alice"), key=name, fingerprint="f")
        IdempotencyRecord.objects.filter(pk=record.pk).update(created_at=now - age)
        ends = now + timedelta(hours=1 if name == "young" else -1)
        Session.objects.create(session_key=name, session_data="", expire_date=ends, user=user("alice"))
    purge()
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["young"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["young"]

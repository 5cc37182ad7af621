"""Last month's workbook is sent to those in BATON_REPORT_TO, once each (I19, F21, F26)."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from accounts.models import Role, RoleMember, User
from config.doctor.work import reports as doctor
from reports.commands.send import plan, send_due
from reports.models import Sending
from reports.month import Month
from reports.tasks import keep
from tests.notify.conftest import mail, wecom
from tests.reports.world import person, reader

__all__ = ["mail", "wecom"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house(settings, tmp_path) -> None:
    settings.HOME, settings.REPORT_TO = tmp_path, ["erin", "bosses"]


@pytest.fixture
def cast() -> dict[str, User]:
    """erin by name, frank and erin by role; heidi is not named."""
    found = {
        "erin": person("erin", email="erin@example.com", wecom_userid="erin", language="en"),
        "frank": person("frank", email="frank@example.com"),
        "heidi": person("heidi", email="heidi@example.com", wecom_userid="heidi"),
    }
    role = Role.objects.create(key="bosses")
    RoleMember.objects.bulk_create([RoleMember(role=role, user=found[name]) for name in ("erin", "frank")])
    return found


def again() -> None:
    """As if the waiting ones were due."""
    Sending.objects.filter(state__in=["queued", "failed"]).update(due_at=timezone.now() - timedelta(seconds=1))
    keep()


def states() -> dict[str, str]:
    rows = Sending.objects.values_list("recipient__username", "channel", "state")
    return {f"{name} {channel}": state for name, channel, state in rows}


def test_I19_it_goes_once_by_mail_and_in_wecom_as_a_file(cast, mail, wecom):
    wecom.script["media/upload"] = [{"errcode": 0, "errmsg": "ok", "media_id": "m-1"}]
    for _call in range(3):
        keep()
    assert states() == {"erin mail": "sent", "erin wecom": "sent", "frank mail": "sent"}
    assert sorted(address for addresses in mail.recipients for address in addresses) == [
        "erin@example.com", "frank@example.com",
    ]  # fmt: skip
    month = Month.of(timezone.now()).previous
    (to_erin,) = [each for each in mail.mails if "erin" in each["To"]]
    assert to_erin["Subject"] == f"Ticket report, {month}"
    (attachment,) = to_erin.iter_attachments()
    assert attachment.get_filename() == f"baton-{month}.xlsx"
    content = attachment.get_payload(decode=True)
    assert len(load_workbook(io.BytesIO(content)).sheetnames) == 4
    (uploaded,) = wecom.of("media/upload")
    assert uploaded.query["type"] == "file"
    assert f'filename="baton-{month}.xlsx"'.encode() in uploaded.body["raw"]
    assert content in uploaded.body["raw"]
    (sent,) = [call.body for call in wecom.of("message/send")]
    assert (sent["touser"], sent["msgtype"], sent["file"]) == ("erin", "file", {"media_id": "m-1"})


def test_F21_F26_what_did_not_go_is_tried_again_under_the_same_key(cast, mail, wecom):
    mail.replies = ["451 later", "451 later"]
    wecom.script["message/send"] = [{"errcode": -1, "errmsg": "busy"}]
    keep()
    assert states() == {"erin mail": "failed", "erin wecom": "failed", "frank mail": "failed"}
    keep()
    assert set(states().values()) == {"failed"}  # not due yet
    again()
    assert set(states().values()) == {"sent"}
    assert len({each["Message-ID"] for each in mail.mails}) == 2
    assert Sending.objects.get(channel="wecom").attempts == 2


def test_what_cannot_arrive_is_given_up_and_the_doctor_says_so(cast, mail, wecom):
    assert doctor().startswith("off") is False
    User.objects.filter(username="frank").update(email="")
    wecom.script["message/send"] = [{"errcode": 0, "errmsg": "ok", "invaliduser": "erin"}]
    keep()
    assert states() == {"erin mail": "sent", "erin wecom": "dead", "frank mail": "dead"}
    assert "did not reach" in doctor()
    again()
    assert len(mail.mails) == 1


def test_F40_who_has_left_gets_nothing(cast, mail, wecom):
    month = Month.of(timezone.now()).previous
    plan(month, timezone.now())
    User.objects.filter(username="frank").update(is_active=False)
    keep()
    assert states()["frank mail"] == "dead"
    assert list(mail.recipients) == [["erin@example.com"]]
    assert doctor() == "ok"


def test_a_file_too_large_to_be_sent_goes_as_a_link(cast, mail, wecom, monkeypatch, tmp_path):
    monkeypatch.setattr("reports.channels.LARGEST", 10)
    keep()
    assert wecom.of("media/upload") == []
    assert wecom.of("message/send")[0].body["msgtype"] == "text"
    for each in mail.mails:
        assert list(each.iter_attachments()) == []
        assert "/reports/2" in each.get_content()


def test_a_month_that_is_long_over_is_not_sent_any_more(cast, mail):
    plan(Month(2020, 1), timezone.now())
    send_due({})
    assert set(states().values()) == {"dead"}
    assert mail.mails == []


def test_nobody_is_named_nothing_goes(cast, settings, mail):
    settings.REPORT_TO = []
    keep()
    assert (states(), mail.mails, doctor().startswith("off")) == ({}, [], True)


def test_unknown_names_are_said(cast, settings, capsys):
    settings.REPORT_TO = ["erin", "nobody", "Bosses", "bosses"]
    assert "nobody, Bosses" in doctor()
    with pytest.raises(SystemExit):
        call_command("doctor")
    assert "BATON_REPORT_TO names nobody" in capsys.readouterr().out


def test_I23_readers_see_when_and_to_whom(cast, mail, wecom):
    keep()
    api = APIClient()
    api.force_authenticate(cast["heidi"])
    assert api.get("/api/v1/reports/runs").status_code == 403
    api.force_authenticate(reader("root"))
    [run] = api.get("/api/v1/reports/runs").json()["results"]
    month = str(Month.of(timezone.now()).previous)
    assert (run["period"], run["file"]) == (month, f"baton-{month}.xlsx")
    assert [(row["username"], row["channel"], row["state"]) for row in run["sent_to"]] == [
        ("erin", "mail", "sent"), ("erin", "wecom", "sent"), ("frank", "mail", "sent"),
    ]  # fmt: skip
    assert all(row["at"] for row in run["sent_to"])

"""`doctor` on Salt: missing rights, excess rights, unknown ones (A34)."""

import pytest

from automation.executors.salt import checks
from automation.models import Host
from config.doctor.services import salt
from tests.salt.world import MINIONS

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def test_doctor_finds_nothing_wrong_with_a_sound_salt(fleet):
    for minion in MINIONS:
        Host.objects.create(name=minion, connection="salt", minion=minion)
    assert salt() == "ok"


def test_doctor_names_minions_that_the_master_has_not_accepted(fleet):
    Host.objects.create(name="web", connection="salt", minion="salt-99")
    assert "no accepted key of salt-99" in salt()


def test_A34_doctor_names_clients_that_are_missing_or_not_needed(fleet, monkeypatch):
    monkeypatch.setattr(checks, "UNNEEDED", ("wheel", "ssh", "local"))
    assert "has local, which Baton never uses" in salt()
    monkeypatch.setattr(checks, "NEEDED", ("local", "wheel_async"))
    assert "lacks wheel_async" in salt()


def test_doctor_says_what_to_check_where_salt_does_not_let_us_in(fleet, settings):
    settings.SALT_API_PASSWORD = "wrong"
    assert "check SALT_API_URL" in salt()
    settings.SALT_API_PASSWORD = ""
    assert salt().startswith("off here: SALT_API_PASSWORD is not set")
    settings.SALT_API_URL = ""
    assert salt().startswith("off: set SALT_API_URL")

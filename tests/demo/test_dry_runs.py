"""The demo template with a required dry run; all other demo templates can be approved at once."""

import pytest

from automation.actions.library import library
from tests.automation.foreseeing import FILE, faked, foresee
from tests.demo.test_templates import documents, nodes
from tests.demo.test_ways import hands
from tests.factories import fresh, submit
from tickets.audit.verify import verify
from tickets.errors import DryRunPending

pytestmark = pytest.mark.usefixtures("world")
SETTINGS = {"file": "60-shop.conf", "settings": "net.core.somaxconn = 4096\n", "hosts": ["demo-01"], "reason": "load"}


def test_kernel_settings_are_approved_once_they_were_foreseen() -> None:
    ticket = submit("kernel-settings", SETTINGS)
    with faked() as fake:
        with pytest.raises(DryRunPending):
            hands(ticket)
        fake.places = [FILE]
        foresee(ticket)
        assert hands(ticket) == ["bob", "erin"]
    ticket = fresh(ticket)
    plan = ticket.content.plans["run"]
    assert (plan["action"], plan["dry_run"]) == ("config.sync", "required")
    assert (plan["params"]["application"], plan["params"]["content"]) == ("sysctl", SETTINGS["settings"])
    assert ticket.foreseen["run"]["state"] == "done"
    assert list(verify([ticket])) == []


def test_every_other_template_can_be_approved_at_once() -> None:
    required = set()
    for document in documents():
        for node in nodes(document["chain"]):
            if node["type"] == "automation":
                own = library().action(node["action"])
                assert own is not None
                if "required" in (node.get("dry_run"), own.dry_run):
                    required.add(document["key"])
    assert required == {"kernel-settings"}

"""Automation from start to end with Salt: a demo with minions, in a real browser."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from devtools.embedded.house import SALT_BEHIND
from tests.e2e.pages import open_as
from tests.house import House, Person, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.timeout(600)]
HOSTS = ["salt-01", "salt-02"]
TEMPLATE = """
apiVersion: baton/v1
kind: TicketTemplate
key: journey-salt-file
name: {{zh: 用 Salt 写文件, en: Write a file through Salt}}
category: 变更
number_prefix: SLT
visible_to: [everyone]
form:
  - {{key: content, type: textarea, label: {{zh: 内容, en: Content}}, required: true}}
  - {{key: hosts, type: hosts, label: {{zh: 主机, en: Hosts}}, required: true, max_items: 10}}
chain:
  - {{node: leader, type: approval, name: {{zh: 直属上级, en: Manager}}, approvers: [{{manager: 1}}]}}
  - {{node: write, type: automation, name: {{zh: 写文件, en: Write}}, action: salt.file.distribute, targets: form.hosts,
     params: {{path: "'{path}'", content: form.content}}, batch: 1, on_failure: stop, dry_run: required,
     rollback: {{action: salt.file.distribute, params: {{path: "'{path}'", content: "'before'"}}}}}}
"""


class HouseWithSalt(House):
    """`BATON_DEMO_SALT=1 make run`."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "BATON_DEMO_SALT": "1"}


@pytest.fixture(scope="module")
def salt_house(tmp_path_factory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("salt-house")
    for part in (folder, *folder.parents):
        if part.is_relative_to("/tmp") and part != part.parent:
            part.chmod(part.stat().st_mode | 0o055)  # the database runs as a user of its own
    running = HouseWithSalt(folder / "home", ports=SALT_BEHIND + 3)
    running.start()
    yield running
    running.stop()
    assert running.left_behind() == []


@pytest.fixture
def path() -> Iterator[Path]:
    """A file of this test where the action may write one: only root has such a place."""
    if os.geteuid() != 0:
        pytest.skip("only root may write where salt.file.distribute does")
    folder = Path(tempfile.mkdtemp(prefix="baton-e2e-", dir="/var/lib"))
    yield folder / "written.conf"
    shutil.rmtree(folder)


def test_a_file_is_foreseen_written_in_batches_and_taken_back_through_salt(browser, salt_house, path) -> None:
    house = salt_house
    path.write_text("before")
    admin, alice = Person(house, "admin"), Person(house, "alice")
    headers = {"Content-Type": "application/yaml", "X-CSRFToken": admin.session.cookies["csrftoken"]}
    text = TEMPLATE.format(path=path).encode()
    answer = admin.session.post(f"{house.api}templates/import?publish=true", data=text, headers=headers, timeout=20)
    assert answer.status_code == 201, answer.text
    number = alice.post("tickets", template="journey-salt-file", form={"content": "after", "hosts": HOSTS})["number"]

    bob = open_as(browser, house, "bob", f"/tickets/{number}")
    expect(bob.get_by_test_id("dry-run-words")).to_contain_text("2 台，改 1 个文件", timeout=120_000)
    bob.get_by_test_id("dry-run-diff").locator("summary").first.click()
    bob.get_by_test_id("foreseen-salt-01").locator("summary").click()
    expect(bob.get_by_test_id("foreseen-salt-01")).to_contain_text("after")
    assert path.read_text() == "before"

    bob.get_by_test_id("decision-approve").click()
    job = wait_for(lambda: alice.get(f"tickets/{number}")["jobs"], "the job", 120)[0]["id"]
    operator = open_as(browser, house, "erin", f"/jobs/{job}")
    expect(operator.get_by_test_id("job-host-salt-01")).to_contain_text("已变更", timeout=120_000)
    same_file = operator.get_by_test_id("job-host-salt-02")
    expect(same_file).to_contain_text("无变化", timeout=120_000)
    expect(operator.get_by_test_id("job-batches")).to_contain_text("第 2 批")
    expect(operator.get_by_test_id("job-log")).to_contain_text("Ended: ok", timeout=120_000)
    assert path.read_text() == "after"
    assert Person(house, "erin").get(f"jobs/{job}")["executor"] == "salt"

    operator.get_by_test_id("job-rollback").click()
    operator.get_by_test_id("dialog-confirm").click()
    expect(operator.get_by_test_id("job-outcome")).to_contain_text("已回滚", timeout=120_000)
    assert path.read_text() == "before"
    assert [page.problems for page in (bob, operator)] == [[], []]

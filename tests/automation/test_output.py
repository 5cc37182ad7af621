"""Output of hosts: any bytes can be shown, size is limited at the source, and it never blocks the executor (A35)."""

from pathlib import Path

import pytest
from django.conf import settings as live

from automation.actions.document import load_action
from automation.executors.ansible import AnsibleExecutor, keeper
from automation.executors.ansible.callback.baton_log import RESULT_MAX
from automation.executors.ansible.inside.baton_text import CUT, bounded
from automation.executors.base import HostResult, Order
from automation.executors.log_text import Cleaner, clean
from automation.executors.verdict import MEMORY_CODE, OUT_OF_MEMORY, Ending, verdict_of
from tests.automation.world import approved_job, log_of
from tickets.models.content import Target

ACTION = load_action(Path(__file__).parent / "library" / "test.output")
TARGET: Target = {"name": "demo-01", "address": "hosts/demo-01", "connection": "local"}


def play(data: bytes | None, folder: Path) -> tuple[str, dict[str, HostResult], Ending]:
    """A run that shows these bytes, or a file that is not there: its clean log, its results, how it ended."""
    file = folder / "output"
    if data is not None:
        file.write_bytes(data)
    cleaner, text = Cleaner([]), ""
    results: dict[str, HostResult] = {}
    order = Order("T-1", 1, ACTION, ACTION.version, {"path": str(file)}, [TARGET])
    with AnsibleExecutor().start(order) as execution:
        ended = False
        while not ended:
            ended = execution.exit_code is not None
            execution.renew()
            news = execution.poll(0.5)
            text += cleaner.feed(news.text)
            results |= news.hosts
    return text + cleaner.finish(), results, Ending(execution.exit_code, execution.has_verdict)


@pytest.mark.services
def test_A35_bytes_that_are_not_utf8_are_shown_and_change_no_verdict(tmp_path) -> None:
    odd = [b"a\xffb", b"\xe4\xb8", b"\xed\xa0\x80x", b"latin \xe9t\xe9", bytes(range(1, 256))]
    lines = b"".join(b"first %d\n%b\nlast %d\n" % (number, data, number) for number, data in enumerate(odd))
    text, results, ending = play(lines, tmp_path)
    assert (ending.exit_code, ending.has_verdict, results["demo-01"].status) == (0, True, "changed")
    for number in range(len(odd)):
        shown = text.partition(f"first {number}\n")[2].partition(f"last {number}\n")[0]
        assert "\ufffd" in shown, number


@pytest.mark.services
def test_A35_a_failure_shows_no_folder_of_the_server(tmp_path, home) -> None:
    text, results, ending = play(None, home / "hosts")
    assert ending.exit_code == 2
    for said in (text, clean(results["demo-01"].message, 1000)):
        for folder in (str(home), str(live.HOME), str(Path(__file__).parent.parent.parent), str(live.AUTOMATION_HOME)):
            assert folder not in said
    assert "playbook/playbook.yml:" in text  # what is wrong stays readable


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_A35_nor_does_one_in_the_journal_of_a_job(people, hosts, home) -> None:
    from automation.background.run import run

    (hosts / "demo-01/var/spool").write_text("a file where a folder must be")
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    run(job.pk)
    job.refresh_from_db()
    assert job.outcome == "failed"
    assert str(home) not in log_of(job) + job.hosts.get().message


@pytest.mark.services
def test_A35_much_output_is_cut_where_it_arises(tmp_path) -> None:
    text, results, ending = play((b"x" * 99 + b"\n") * 5_000, tmp_path)
    assert (ending.exit_code, results["demo-01"].status) == (0, "changed")
    assert len(text) < RESULT_MAX * 1.5  # every line has its name before it
    assert CUT in text


@pytest.mark.services
def test_A35_a_run_that_takes_too_much_memory_is_ended(tmp_path, settings) -> None:
    """Ansible alone takes more than that."""
    settings.JOB_MEMORY_MB = 30
    _text, results, ending = play(b"x\n", tmp_path)
    assert ending.exit_code == keeper.OUT_OF_MEMORY == MEMORY_CODE
    verdict = verdict_of(["demo-01"], results, ending)
    assert verdict.outcome == "out_of_memory"
    assert (verdict.hosts["demo-01"].status, verdict.hosts["demo-01"].message) == ("failed", OUT_OF_MEMORY)


@pytest.mark.parametrize(
    ("value", "room", "kept"),
    [
        ("abcdef", 3, "abc" + CUT),
        (["ab", "cd", "ef"], 4, ["ab", "cd", CUT]),
        ({"a": "abc", "b": "def", "n": 7}, 3, {"a": "abc", "b": CUT, "n": 7}),
        ({"a": [{"b": "x" * 9}]}, 2, {"a": [{"b": "xx" + CUT}]}),
        (["x"] * 2001, 10_000, ["x"] * 2000 + [CUT]),
        ("a\udcffb", 10, "a\ufffdb"),
        ([None, True, 1.5], 0, [CUT]),
    ],
)
def test_A35_a_result_is_bounded_at_any_depth(value, room, kept) -> None:
    assert bounded(value, [room]) == kept

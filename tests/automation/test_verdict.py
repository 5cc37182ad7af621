"""Runs are judged by results per host, not by their output (A35, F29)."""

import pytest
from django.utils import translation

from automation.executors.base import HostResult
from automation.executors.verdict import Ending, in_words, verdict_of


def outcome(ending: Ending, **statuses: str) -> tuple[str, list[str]]:
    results = {name: HostResult(status) for name, status in statuses.items() if status != "none"}
    verdict = verdict_of(statuses, results, ending)
    return verdict.outcome, [result.status for result in verdict.hosts.values()]


END = Ending(0, has_verdict=True)


@pytest.mark.parametrize(
    ("ending", "statuses", "expected"),
    [
        (END, {"a": "ok", "b": "changed"}, ("ok", ["ok", "changed"])),
        (END, {"a": "skipped", "b": "skipped"}, ("failed", ["skipped", "skipped"])),
        (END, {"a": "ok", "b": "none"}, ("partial", ["ok", "skipped"])),
        (END, {"a": "ok", "b": "unreachable"}, ("partial", ["ok", "unreachable"])),
        (Ending(2, True), {"a": "failed"}, ("failed", ["failed"])),
        (Ending(4, False), {"a": "none"}, ("failed", ["failed"])),
        (Ending(0, False), {"a": "none"}, ("failed", ["failed"])),
        (Ending(97, False), {"a": "running"}, ("unknown", ["unknown"])),
        (Ending(-9, False), {"a": "running"}, ("unknown", ["unknown"])),
        (Ending(143, False, "cancelled"), {"a": "running", "b": "ok"}, ("cancelled", ["cancelled", "ok"])),
        (Ending(143, False, "timed_out"), {"a": "running"}, ("timed_out", ["failed"])),
        (Ending(0, True, "cancelled"), {"a": "ok"}, ("ok", ["ok"])),
    ],
)
def test_verdicts(ending, statuses, expected) -> None:
    assert outcome(ending, **statuses) == expected


def test_no_host_at_all_is_not_success() -> None:
    assert verdict_of([], {}, END).outcome == "failed"


def test_results_for_unknown_hosts_are_ignored() -> None:
    assert set(verdict_of(["a"], {"a": HostResult("ok"), "b": HostResult("ok")}, END).hosts) == {"a"}


def test_our_own_words_are_said_in_the_readers_language_and_a_hosts_as_they_are() -> None:
    verdict = verdict_of(["a"], {}, END)
    with translation.override("zh-hans"):
        assert in_words(verdict.hosts["a"].message) == "未执行到。"
        assert in_words("No.") == "No."

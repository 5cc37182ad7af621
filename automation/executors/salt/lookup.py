"""Find the result of a run that was not followed to its end, by its job id (F05, F06, F28, F30)."""

from automation.executors.base import HostResult
from automation.executors.salt.client import Salt
from automation.executors.salt.work import Work

TRIES_MAX = 200


def look_up(salt: Salt, work: Work) -> dict[str, HostResult]:
    """The result of every host whose answer the master has. Raises SaltApiError.

    The last answer of each minion counts: earlier refusals because it was busy are skipped.
    """
    found: dict[str, HostResult] = {}
    for again in range(TRIES_MAX):
        record = salt.record(work.jid(again), work.label)
        if record is None:
            break
        for minion in set(record.answers) & set(work.hosts):
            result = work.result_of(minion, record.answers[minion])
            if not result.is_busy:
                found[work.hosts[minion]] = result.result
    return found

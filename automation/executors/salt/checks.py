"""The Salt checks of `doctor`: log-in, needed and unneeded clients, and the minions of the inventory."""

from collections.abc import Sequence

from automation.executors.salt.account import account_of
from automation.executors.salt.api_connection import SaltApiError
from automation.executors.salt.client import Request, Salt
from automation.executors.salt.jid import jid_of

NEEDED = ("local_async", "local", "runner")
UNNEEDED = ("wheel", "wheel_async", "runner_async", "ssh", "local_batch", "local_subset")
NAMED_MAX = 5


def problem(minions: Sequence[str]) -> str:
    """The first problem with its fix; "" if there is none. minions: the ids in the inventory.

    Raises NotSet.
    """
    salt = Salt(account_of({}))
    try:
        salt.log_in()
        return _clients(salt) or _minions(salt, minions)
    except SaltApiError as error:
        return f"{error}: check SALT_API_URL, SALT_API_CA and the log-in (docs/operation.md, Salt)"


def _clients(salt: Salt) -> str:
    """Test each client with a function that does not exist: a disabled client reports that first."""
    off = [name for name in NEEDED if not salt.has_client(name)]
    if off:
        return f"netapi_enable_clients of the master lacks {', '.join(off)}: Baton needs {', '.join(NEEDED)}"
    more = [name for name in UNNEEDED if salt.has_client(name)]
    if more:
        return f"netapi_enable_clients of the master has {', '.join(more)}, which Baton never uses: take it out"
    return ""


def _minions(salt: Salt, minions: Sequence[str]) -> str:
    """The master names the minions whose keys it has accepted."""
    if not minions:
        return ""
    known = salt.publish(Request("test.ping", minions, jid_of("", "doctor", minions), label="doctor"))
    missing = [name for name in minions if name not in known]
    if not missing:
        return ""
    more = f" and {len(missing) - NAMED_MAX} more" if len(missing) > NAMED_MAX else ""
    return (
        f"the master has no accepted key of {', '.join(missing[:NAMED_MAX])}{more}: salt-key, or the host's minion id"
    )

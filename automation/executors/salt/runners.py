"""Functions of the master (runners): only an action can name one, and some are refused for every action.

A runner is not limited to the plan's hosts, as a function on minions is. So a runner is refused if it could run
arbitrary commands or states, bring in code, or show secrets, whatever the action says.
"""

from collections.abc import Mapping
from typing import Any

_RUNS = "it runs whatever it is told to, on the master or on any minion; use function: or state:"
_SECRETS = "it shows what the master keeps secret, and the answer stands in the log"
_CODE = "it brings code into use that is no part of the action"
_LATER = "it makes the master do something later, which nobody approved then"
_TRUST = "it decides whom the master trusts"

MODULES = {
    "salt": _RUNS, "state": _RUNS, "ssh": _RUNS, "survey": _RUNS,
    "config": _SECRETS, "sdb": _SECRETS, "pillar": _SECRETS, "cache": _SECRETS, "vault": _SECRETS, "nacl": _SECRETS,
    "saltutil": _CODE, "git_pillar": _CODE, "winrepo": _CODE, "spm": _CODE,
    "queue": _LATER, "reactor": _LATER,
    "auth": _TRUST, "pki": _TRUST, "cluster": _TRUST,
    "cloud": "it makes and ends machines with log-ins of the master; use an action of the executor http",
    "event": "it writes what others believe",
    "http": "the master would call any address; use an action of the executor http",
    "batch": "it ends what others run",
}  # fmt: skip
FUNCTIONS = {
    "manage.bootstrap": _RUNS,
    "manage.bootstrap_psexec": _RUNS,
    "manage.key_regen": _TRUST,
    "manage.safe_accept": _TRUST,
    "test.get_opts": _SECRETS,
}
ARGUMENTS = {("manage.down", "removekeys"): _TRUST}


def check_runner(runner: str, kwarg: Mapping[str, Any]) -> None:
    """Raises ValueError, in one line, if actions may not use this runner, or may not give it one of these arguments."""
    why = FUNCTIONS.get(runner) or MODULES.get(runner.partition(".")[0])
    if why:
        raise ValueError(f"run.runner: {runner} is not possible: {why}")
    for name in kwarg:
        if why := ARGUMENTS.get((runner, name)):
            raise ValueError(f"run.kwarg.{name}: {runner} with it is not possible: {why}")

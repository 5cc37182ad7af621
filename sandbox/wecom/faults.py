"""Switches for faults that the real platform can have."""

from dataclasses import dataclass, field
from typing import Any

MEMBER_STATES = {"normal": 1, "disabled": 2, "inactive": 4, "left": 5, "out_of_range": 1}


class SwitchError(Exception):
    """The request names an unknown switch or a wrong value."""


@dataclass
class Rule:
    """A fault of one endpoint ("*": all) for the next `times` calls; None: until reset.

    `lost`: the call takes effect, but the answer is an error.
    """

    endpoint: str
    errcode: int | None = None
    http: int | None = None
    slow_s: float = 0.0
    lost: bool = False
    times: int | None = 1


@dataclass
class CallbackFaults:
    """Faults of callbacks. `drop` and `duplicate` count down per press; `late_s` and `hold` stay until reset."""

    drop: int = 0
    duplicate: int = 0
    parallel: bool = False
    late_s: float = 0.0
    hold: bool = False


@dataclass
class Faults:
    """`member_limit_per_min`: silent limit per `member_window_s`; None removes it and the hourly limit."""

    rules: list[Rule] = field(default_factory=list)
    down: bool = False
    clock_shift_s: float = 0.0
    members: dict[str, str] = field(default_factory=dict)
    member_limit_per_min: int | None = 30
    member_window_s: float = 60.0
    callbacks: CallbackFaults = field(default_factory=CallbackFaults)

    def take(self, endpoint: str) -> Rule | None:
        """The rule for this call, None if there is none; its `times` is counted down."""
        for rule in self.rules:
            if rule.endpoint in {endpoint, "*"}:
                if rule.times is not None:
                    rule.times -= 1
                    if rule.times <= 0:
                        self.rules.remove(rule)
                return rule
        return None

    def member_state(self, userid: str) -> str:
        return self.members.get(userid.lower(), "normal")


def number(values: dict[str, Any], name: str, default: float | None = 0) -> Any:
    value = values.get(name, default)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
        raise SwitchError(f"{name} must be a number, 0 or more")
    return value


def flag(values: dict[str, Any], name: str) -> bool:
    value = values.get(name, False)
    if not isinstance(value, bool):
        raise SwitchError(f"{name} must be true or false")
    return value


def known(values: dict[str, Any], names: set[str]) -> None:
    for name in values:
        if name not in names:
            raise SwitchError(f"unknown switch {name!r}; known: {', '.join(sorted(names))}")


def build_rule(values: dict[str, Any]) -> Rule:
    known(values, {"endpoint", "errcode", "http", "slow_s", "lost", "times"})
    endpoint, errcode = values["endpoint"], values.get("errcode")
    if not isinstance(endpoint, str) or not endpoint:
        raise SwitchError("endpoint must be a path such as message/send, or *")
    if errcode is not None and not isinstance(errcode, int):
        raise SwitchError("errcode must be a whole number")
    http = number(values, "http", None)
    rule = Rule(endpoint, errcode, http, number(values, "slow_s"), flag(values, "lost"), number(values, "times", 1))
    if rule.errcode is None and rule.http is None and not rule.slow_s:
        raise SwitchError("give the endpoint an errcode, an http status or slow_s")
    return rule


def build_callbacks(values: Any) -> CallbackFaults:
    if not isinstance(values, dict):
        raise SwitchError("callbacks must be an object")
    known(values, {"drop", "duplicate", "parallel", "late_s", "hold"})
    return CallbackFaults(
        int(number(values, "drop")),
        int(number(values, "duplicate")),
        flag(values, "parallel"),
        number(values, "late_s"),
        flag(values, "hold"),
    )


def build_members(values: Any) -> dict[str, str]:
    if not isinstance(values, dict) or not set(values.values()) <= set(MEMBER_STATES):
        raise SwitchError(f"members maps userids to one of {', '.join(MEMBER_STATES)}")
    return {str(userid).lower(): str(state) for userid, state in values.items()}

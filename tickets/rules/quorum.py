"""Quorum: have enough people said yes? Pure; used for the engine's rows and for the executor's audit trail."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import Any

from templates_engine.approvers.modes import needed


@dataclass(frozen=True)
class Vote:
    """One seat of a visit, asked or still waiting. added_to: the seat to which this signature was added."""

    key: Hashable
    added_to: Hashable | None = None
    is_yes: bool = False


def complete(votes: Collection[Vote]) -> set[Hashable]:
    """The seats that have said yes, and so has every signature added to them, at any depth."""
    added: dict[Hashable, list[Vote]] = {}
    for vote in votes:
        if vote.added_to is not None:
            added.setdefault(vote.added_to, []).append(vote)

    def is_complete(vote: Vote) -> bool:
        return vote.is_yes and all(is_complete(below) for below in added.get(vote.key, []))

    return {vote.key for vote in votes if is_complete(vote)}


def enough(mode: Any, votes: Collection[Vote]) -> bool:
    """Whether these votes are enough to close a visit of this mode. No votes are never enough."""
    done = complete(votes)
    base = [vote for vote in votes if vote.added_to is None]
    return sum(1 for vote in base if vote.key in done) >= needed(mode, len(base))

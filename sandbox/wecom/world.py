"""State that the handlers share; it is passed to them as an argument."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from sandbox.web.database import Database
from sandbox.wecom.callbacks.crypto import CallbackCrypto
from sandbox.wecom.callbacks.events import CardEvent
from sandbox.wecom.directory import Directory, Member
from sandbox.wecom.faults import Faults
from sandbox.wecom.journal import Journal
from sandbox.wecom.settings import Settings


@dataclass
class World:
    """One corp with its state.

    `pressing`: (msgid, userid) → key of the button in progress. `held`: events kept by the `hold` switch.
    """

    settings: Settings
    directory: Directory
    store: Database
    journal: Journal
    crypto: CallbackCrypto
    faults: Faults = field(default_factory=Faults)
    pressing: dict[tuple[str, str], str] = field(default_factory=dict)
    held: list[tuple[str, CardEvent]] = field(default_factory=list)
    background: set[asyncio.Task[None]] = field(default_factory=set)
    revision: int = field(default_factory=time.time_ns)

    def now(self) -> float:
        """Unix seconds, shifted by the clock switch."""
        return time.time() + self.faults.clock_shift_s

    def changed(self) -> None:
        """Mark that something on the phones has changed."""
        self.revision += 1

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in the background after the request has ended."""
        task = asyncio.get_running_loop().create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def visible(self, userid: str) -> Member | None:
        """The member, unless unknown or outside the application's visible range."""
        member = self.directory.member(userid)
        return member if member and self.faults.member_state(member.userid) != "out_of_range" else None

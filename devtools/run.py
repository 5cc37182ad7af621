"""`make run`: all parts on one machine, with embedded services, until Ctrl-C."""

import os
import signal
import threading
from types import FrameType

from devtools.embedded.house import House
from devtools.embedded.starting import say
from devtools.embedded.supervisor import adopt_orphans


class Interrupted(Exception):
    """SIGINT or SIGTERM was received."""


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Turn the first signal into an exception; ignore further ones during the shutdown."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Interrupted


def main() -> None:
    """Start all parts, serve until Ctrl-C, stop."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, interrupt)
    os.umask(0o077)
    house = House(adopts_orphans=adopt_orphans())
    try:
        house.prepare()
        house.start_importing()
        house.start_neighbours()
        house.start_stores()
        house.prepare_data()
        house.start_parts()
        house.wait_for_web()
        house.welcome()
        house.serve()
    except Interrupted:
        say("\nStopping …")
    finally:
        house.stop()


if __name__ == "__main__":
    main()

"""`python -m sandbox.salt`: runs until SIGINT or SIGTERM, in SANDBOX_HOME, on ports from SANDBOX_PORT."""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from sandbox.salt.files import Plan
from sandbox.salt.fleet import Fleet, NotInstalled

LOOK_S = 1.0
AGAIN_S = 5.0


def leave(_number: int, _frame: FrameType | None) -> None:
    """Exit on a signal."""
    sys.exit(0)


def main() -> None:
    """Start all processes, restart those that end, stop all at the end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    fleet = Fleet(Plan(Path(os.environ["SANDBOX_HOME"]), int(os.environ["SANDBOX_PORT"])))
    try:
        fleet.start()
        while True:
            time.sleep(LOOK_S)
            for name in fleet.ended():
                time.sleep(AGAIN_S)
                fleet.launch(name)
    except NotInstalled as error:
        sys.exit(str(error))
    finally:
        fleet.stop()


if __name__ == "__main__":
    main()

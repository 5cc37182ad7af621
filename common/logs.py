"""Log lines for operators: constant text, ids as key=value, one line each whatever the values contain."""

import logging
import re
from typing import Any

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "data"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _escaped(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode()


class LineFormatter(logging.Formatter):
    """`time level logger message key=value …`; control characters are escaped so lines cannot be forged (A48).

    A traceback follows on indented lines, so that no line of it can look like a log line.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """The line for one record."""
        extras = {k: v for k, v in record.__dict__.items() if k not in _STANDARD and not k.startswith("_")}
        text = super().formatMessage(record) + "".join(f" {key}={value}" for key, value in extras.items())
        return _CONTROL.sub(_escaped, text)

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's name)
        """The traceback, every line of it indented."""
        lines = super().formatException(ei).splitlines()
        return "\n".join("    " + _CONTROL.sub(_escaped, line) for line in lines)

"""Log lines for operators: constant text, ids as key=value, one line each whatever the value holds."""

import logging

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "data"}


class LineFormatter(logging.Formatter):
    """`time level logger message key=value …`; line breaks in values are escaped so lines cannot be forged."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """The line for one record."""
        extras = {k: v for k, v in record.__dict__.items() if k not in _STANDARD and not k.startswith("_")}
        text = super().formatMessage(record) + "".join(f" {key}={value}" for key, value in extras.items())
        return text.replace("\r", "\\r").replace("\n", "\\n")

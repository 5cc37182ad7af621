"""What a run wrote, made fit to keep and to show: hostile bytes in, plain lines out (A35, B7, I24)."""

import codecs
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

LINE_MAX = 8000
MASK = "********"
SECRET_MIN = 6
_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ASSIGNED = re.compile(
    r"(?i)(\b[\w-]*(?:passw(?:or)?d|secret|token|api[_-]?key)[\w-]*[\"']?\s*[=:]\s*[\"']?)(?!\*)[^\s\"',;&]+"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/._~-]{8,}=*")
_KEY_BEGINS, _KEY_ENDS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "PRIVATE KEY-----"


def own_secrets() -> list[str]:
    """The values that this installation itself must never show."""
    database = settings.DATABASES["default"].get("PASSWORD") or ""
    names = (
        "SECRET_KEY",
        "AUDIT_KEY",
        "WECOM_SECRET",
        "WECOM_AES_KEY",
        "WECOM_TOKEN",
        "EMAIL_HOST_PASSWORD",
        "WEBHOOK_SECRET",
    )
    values = [str(getattr(settings, name, "") or "") for name in names]
    return [value for value in [database, *settings.AUDIT_KEYS.values(), *values] if len(value) >= SECRET_MIN]


def own_folders() -> re.Pattern[str]:
    """The folders of this server, which are nobody's business: a run's own, those of demonstration hosts, the code's.

    What stands behind them stays, so that a playbook's line or a file on a demonstration host is still named.
    """
    runs, hosts = Path(settings.AUTOMATION_HOME) / "runs", Path(settings.HOME) / "hosts"
    inside = [rf"{re.escape(str(runs))}/[0-9a-f]{{32}}/", rf"{re.escape(str(hosts))}/[\w.-]+(?=/)"]
    whole = [str(settings.HOME), str(Path(__file__).resolve().parent.parent), sys.prefix, sys.base_prefix]
    long_first = sorted({path for path in whole if path.count("/") > 1}, key=len, reverse=True)
    return re.compile("|".join([*inside, *(rf"{re.escape(path)}(?=/)" for path in long_first)]))


class Cleaner:
    """Cleans a stream, line by line. A line longer than LINE_MAX characters is cut into several."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._folders = own_folders()
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._secrets = sorted(secrets, key=len, reverse=True)
        self._pending = ""
        self._in_key = False

    def feed(self, data: bytes) -> str:
        """The clean text of all lines that are complete now."""
        text = self._pending + self._decode(data).replace("\r\n", "\n")
        *lines, self._pending = text.split("\n")
        while len(self._pending) > LINE_MAX:
            lines.append(self._pending[:LINE_MAX])
            self._pending = self._pending[LINE_MAX:]
        return "".join(self._line(line) for line in lines)

    def finish(self) -> str:
        """The clean text of what is left."""
        rest, self._pending = self._pending + self._decode(b"", True), ""
        return self._line(rest) if rest else ""

    def _line(self, line: str) -> str:
        if self._in_key:
            self._in_key = _KEY_ENDS not in line
            return ""
        plain = _CONTROL.sub("", _ESCAPE.sub("", line))
        if begins := _KEY_BEGINS.search(plain):
            self._in_key = _KEY_ENDS not in plain[begins.end() :]
            plain = plain[: begins.start()] + MASK
        return self._masked(plain) + "\n"

    def _masked(self, line: str) -> str:
        line = self._folders.sub("", line)
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return _BEARER.sub(rf"\1 {MASK}", _ASSIGNED.sub(rf"\1{MASK}", line))


def clean(text: str, limit: int) -> str:
    """One short text from a host, such as the reason of a failure."""
    cleaner = Cleaner(own_secrets())
    whole = (cleaner.feed(text.encode("utf-8", "replace")) + cleaner.finish()).strip()
    return whole if len(whole) <= limit else whole[:limit] + "…"

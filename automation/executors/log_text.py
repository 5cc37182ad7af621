"""Cleans the output of runs before it is stored and shown: hostile bytes in, plain lines out (A35, B7, I24)."""

import codecs
import os
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
    """This installation's own secrets, which must never appear in a log."""
    database = settings.DATABASES["default"].get("PASSWORD") or ""
    names = (
        "SECRET_KEY",
        "AUDIT_KEY",
        "WECOM_SECRET",
        "WECOM_AES_KEY",
        "WECOM_TOKEN",
        "EMAIL_HOST_PASSWORD",
        "WEBHOOK_SECRET",
        "VAULT_TOKEN",
        "VAULT_SECRET_ID",
        "SALT_API_PASSWORD",
    )
    values = [str(getattr(settings, name, "") or "") for name in names]
    values += [key.rpartition(":")[2] for key in os.environ.get("BATON_CREDENTIAL_PRIVATE_KEYS", "").split(",")]
    return [value for value in [database, *settings.AUDIT_KEYS.values(), *values] if len(value) >= SECRET_MIN]


def own_folders() -> re.Pattern[str]:
    """A pattern of this server's folders, to remove from logs: of runs, demonstration hosts, the code and Python.

    The rest of a path stays, so that the log still names a playbook or a file on a demonstration host.
    """
    runs, hosts = Path(settings.AUTOMATION_HOME) / "runs", Path(settings.HOME) / "hosts"
    inside = [rf"{re.escape(str(runs))}/[0-9a-f]{{32}}/", rf"{re.escape(str(hosts))}/[\w.-]+(?=/)"]
    whole = [str(settings.HOME), str(Path(__file__).resolve().parent.parent), sys.prefix, sys.base_prefix]
    long_first = sorted({path for path in whole if path.count("/") > 1}, key=len, reverse=True)
    return re.compile("|".join([*inside, *(rf"{re.escape(path)}(?=/)" for path in long_first)]))


class Cleaner:
    """Cleans a stream line by line: removes control characters and this server's folders, masks secrets and keys.

    A line longer than LINE_MAX characters is cut into several.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._folders = own_folders()
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._secrets = sorted(secrets, key=len, reverse=True)
        self._longest = min(max(map(len, self._secrets), default=0), LINE_MAX)
        self._pending = ""
        self._in_key = False

    def feed(self, data: bytes) -> str:
        """The clean text of all lines that are complete now."""
        text = self._pending + self._decode(data).replace("\r\n", "\n")
        *lines, rest = text.split("\n")
        pieces = [piece for line in lines for piece in self._cut(line, 0)]
        *more, self._pending = self._cut(rest, self._longest)
        return "".join(self._line(piece) for piece in [*pieces, *more])

    def _cut(self, line: str, spare: int) -> list[str]:
        """Cut a line into pieces of at most LINE_MAX characters, the last one up to LINE_MAX + `spare`.

        A secret is never cut in two, because its halves would not be masked.
        """
        pieces = []
        while len(line) > LINE_MAX + spare:
            end = LINE_MAX
            for secret in self._secrets:
                start = line.find(secret, max(0, end - len(secret) + 1), end + len(secret) - 1)
                end = start if 0 < start < end else end
            pieces.append(line[:end])
            line = line[end:]
        return [*pieces, line]

    def finish(self) -> str:
        """The clean text of the remaining bytes."""
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


def clean(text: str, limit: int, secrets: Iterable[str] = ()) -> str:
    """Clean one short text from a host, such as the reason of a failure. secrets: of this run, added to our own."""
    cleaner = Cleaner([*own_secrets(), *secrets])
    whole = (cleaner.feed(text.encode("utf-8", "replace")) + cleaner.finish()).strip()
    return whole if len(whole) <= limit else whole[:limit] + "…"

"""Search new lines for the words of the rules. Each match becomes a row; `settling` handles it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q

from automation.models.shell import ShellHost, ShellLine
from automation.models.shell_alarm import ShellWord
from common import doorbell

SETTLE = "automation.settle_shell_alarms"
MOST_LINES = 2000

RAISE = """
INSERT INTO automation_shellalarm (word_id, pattern, shell_host_id, session, "user", source, at, seq, command,
       raised_at, hits, last_at, problem, detail, attempts)
SELECT word, pattern, %(host)s, session, who, source, at, seq, command, %(now)s, hits, last_at, '', '""', 0
  FROM unnest(%(word)s::bigint[], %(pattern)s::text[], %(session)s::text[], %(who)s::text[], %(source)s::text[],
              %(at)s::timestamptz[], %(seq)s::bigint[], %(command)s::text[], %(hits)s::int[],
              %(last_at)s::timestamptz[])
       AS hit (word, pattern, session, who, source, at, seq, command, hits, last_at)
ON CONFLICT (word_id, shell_host_id, session) DO UPDATE
   SET hits = automation_shellalarm.hits + EXCLUDED.hits, last_at = EXCLUDED.last_at
"""


def folded(text: str) -> str:
    """The form in which lines and rules are compared: small letters, single spaces."""
    return " ".join(text.casefold().split())


def search_all_hosts(at: datetime) -> None:
    """Search the new lines of every host."""
    for pk in ShellHost.objects.filter(newest__gt=F("looked")).values_list("pk", flat=True):
        while search_lines(pk, at):
            pass


@transaction.atomic
def search_lines(host_id: int, at: datetime) -> bool:
    """Search some new lines of this host; return whether there may be more.

    It takes no lock: if another worker has moved the mark meanwhile, this search has no effect.
    """
    host = ShellHost.objects.select_related("host").get(pk=host_id)
    lines = list(host.lines.filter(pk__gt=host.looked, pk__lte=host.newest).order_by("pk")[:MOST_LINES])
    mark = lines[-1].pk if len(lines) == MOST_LINES else host.newest
    if mark <= host.looked:
        return False
    if ShellHost.objects.filter(pk=host.pk, looked=host.looked).update(looked=mark) and lines:
        _raise(host, lines, at)
    return len(lines) == MOST_LINES


def rules_for(host: ShellHost) -> list[ShellWord]:
    """The rules that apply to this host; for a host that left the inventory, only those for all hosts."""
    groups = host.host.groups if host.host else []
    return list(ShellWord.objects.filter(Q(group=None) | Q(group__name__in=groups), is_active=True).order_by("pk"))


def session_of(line: ShellLine) -> str:
    """The key of one log-in; for a shell without a session, its user and day."""
    return line.session or f"{line.user} {line.at:%Y-%m-%d}"


def _raise(host: ShellHost, lines: Iterable[ShellLine], at: datetime) -> None:
    """Insert a row for each rule and log-in that matched, or raise its counter."""
    rules = [(rule, folded(rule.pattern)) for rule in rules_for(host)]
    if not rules:
        return
    hits: dict[tuple[int, str], tuple[ShellWord, list[ShellLine]]] = {}
    for line in lines:
        text = folded(line.command)
        for rule, wanted in rules:
            if wanted in text:
                hits.setdefault((rule.pk, session_of(line)), (rule, []))[1].append(line)
    if not hits:
        return
    rows = [
        (rule.pk, rule.pattern, session, first.user, first.source, first.at, first.seq, first.command, len(found),
         found[-1].received_at)
        for (_pk, session), (rule, found) in hits.items()
        for first in found[:1]
    ]  # fmt: skip
    names = ("word", "pattern", "session", "who", "source", "at", "seq", "command", "hits", "last_at")
    columns = {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    with connection.cursor() as cursor:
        cursor.execute(RAISE, {"host": host.pk, "now": at, **columns})
    doorbell.ring(SETTLE)

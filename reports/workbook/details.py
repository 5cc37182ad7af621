"""The sheets after the summary: by template, by handler, and one row per ticket."""

from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook

from reports.queries.summary import Summary
from reports.queries.tickets import TicketRow, VersionName
from reports.workbook import styles, words
from reports.workbook.styles import HOURS, NUMBER, STATE_COLOURS, WORDS
from reports.workbook.table import Column, Row, write_table
from templates_engine.text import localize

WHEN = WORDS.but(form=styles.MOMENT)
BARE_HOURS, BARE_NUMBER = HOURS.but(rule=False), NUMBER.but(rule=False)
BARE_WORDS, BARE_WHEN = WORDS.but(rule=False), WHEN.but(rule=False)
AFTER_NUMBER = BARE_WORDS.but(indent=1)


def write_templates(book: Workbook, figures: Summary) -> None:
    """Write the sheet by template; the template with most submitted tickets first."""
    columns = [
        Column(_("Template"), 36, WORDS),
        Column(_("Key"), 28, WORDS),
        Column(_("Submitted"), 12, NUMBER),
        Column(_("Completed"), 12, NUMBER),
        Column(_("Median hours"), 18, HOURS),
    ]
    rows: Iterator[Row] = (
        (
            localize(row["name"]) or row["key"],
            row["key"],
            row["submitted"],
            row["completed"],
            row["median_hours"],
        )
        for row in figures["by_template"]
    )
    write_table(book, _("By template"), columns, rows)


def write_handlers(book: Workbook, figures: Summary) -> None:
    """Write the sheet by handler; the handler with most decisions first."""
    columns = [
        Column(_("Handler"), 24, WORDS),
        Column(_("Username"), 24, WORDS),
        Column(_("Decisions"), 12, NUMBER),
        Column(_("As a proxy"), 14, NUMBER),
        Column(_("Median hours"), 18, HOURS),
    ]
    rows: Iterator[Row] = (
        (row["name"], row["username"], row["decided"], row["on_behalf"], row["median_hours"])
        for row in figures["by_handler"]
    )
    write_table(book, _("By handler"), columns, rows)


def write_tickets(book: Workbook, tickets: Iterable[TicketRow], versions: Mapping[int, VersionName]) -> None:
    """Write one row per ticket, in the order given."""
    columns = [
        Column(_("Number"), 22, BARE_WORDS),
        Column(_("Title"), 48, BARE_WORDS),
        Column(_("Template"), 24, BARE_WORDS),
        Column(_("Version"), 9, BARE_NUMBER),
        Column(_("Applicant"), 16, AFTER_NUMBER),
        Column(_("Department"), 18, BARE_WORDS),
        Column(_("Priority"), 10, BARE_WORDS),
        Column(_("State"), 12, BARE_WORDS),
        Column(_("Created at"), 17, BARE_WHEN),
        Column(_("Submitted at"), 17, BARE_WHEN),
        Column(_("Finished at"), 17, BARE_WHEN),
        Column(_("Hours"), 15, BARE_HOURS),
        Column(_("Rating"), 9, BARE_NUMBER),
        Column(_("Rating comment"), 32, AFTER_NUMBER),
        Column(_("Handled by"), 32, BARE_WORDS),
    ]
    write_table(book, _("Tickets"), columns, _ticket_rows(tickets, versions))


def _ticket_rows(tickets: Iterable[TicketRow], versions: Mapping[int, VersionName]) -> Iterator[Row]:
    """The rows of the tickets. Values that many tickets share (names, words, styles) are created once."""
    names = {pk: localize(version.name) for pk, version in versions.items()}
    states = {value: (words.state(value), BARE_WORDS.but(colour=colour)) for value, colour in STATE_COLOURS.items()}
    priorities = {value: words.priority(value) for value in words.PRIORITIES}
    comma = "、" if (get_language() or "").startswith("zh") else ", "
    for ticket in tickets:
        yield (
            ticket.number,
            ticket.title,
            names[ticket.template_version_id],
            versions[ticket.template_version_id].number,
            ticket.applicant,
            ticket.department,
            priorities[ticket.priority],
            states[ticket.state],
            ticket.created_at,
            ticket.submitted_at,
            ticket.finished_at,
            ticket.hours,
            ticket.rating,
            ticket.rating_comment or None,
            comma.join(ticket.handlers) if ticket.handlers else None,
        )

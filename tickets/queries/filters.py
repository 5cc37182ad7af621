"""The filters of ticket lists as SQL. Values are parameters; states are literals, because partial indexes need them."""

from typing import Any

from tickets.states import TicketState
from tickets.states.ticket import FINAL

# Over {0}, a row of tickets_ticket.
CONDITIONS = {
    "template": """{0}.template_version_id IN (
        SELECT version.id FROM templates_engine_templateversion version
        JOIN templates_engine_template template ON template.id = version.template_id WHERE template.key = %(template)s
    )""",
    "applicant": """{0}.applicant_id = (
        SELECT person.id FROM accounts_user person WHERE person.username = %(applicant)s
    )""",
    "priority": "{0}.priority = %(priority)s",
    "q": "(upper({0}.number) LIKE upper(%(q)s) OR upper({0}.title) LIKE upper(%(q)s))",
    "created_from": "{0}.created_at >= %(created_from)s",
    "created_to": "{0}.created_at < %(created_to)s",
    "stuck": "{0}.id = ANY(%(stuck)s)",
}
# Of open tickets there is an index.
STATES = {
    state: f"{{0}}.state = '{state}'" + ("" if state in FINAL else " AND {0}.finished_at IS NULL")
    for state in TicketState.values
}
WILD = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


def condition(filters: dict[str, Any]) -> str:
    """The condition of these filters; empty without filters."""
    asked = [STATES[filters["state"]]] if "state" in filters else []
    return " AND ".join([*asked, *(text for name, text in CONDITIONS.items() if name in filters)])


def values(filters: dict[str, Any]) -> dict[str, Any]:
    """The parameters of this condition."""
    found = {name: value for name, value in filters.items() if name in CONDITIONS}
    return found | ({"q": f"%{found['q'].translate(WILD)}%"} if "q" in found else {})

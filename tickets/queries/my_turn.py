"""How many tickets wait for a person: decisions of their own, decisions as a proxy, and tickets returned to them."""

from tickets.queries.boxes import BOXES

_TICKETS = " UNION ".join(f"SELECT {kind.ticket} FROM {kind.source}" for kind in BOXES["todo"])  # noqa: S608 (constants)
COUNT = f"(SELECT count(*) FROM ({_TICKETS}) AS todo)"  # noqa: S608 (constants)

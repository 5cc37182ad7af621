"""Who acts at a node: turns rules into people, each with the reason ("why me").

Pure: people come from the given Organisation, so the same code answers "who will approve" before a ticket exists and
assigns people when a node opens.
"""

from templates_engine.approvers.people import Circumstances, Organisation, Seat, Seating
from templates_engine.approvers.rules import RULES, RuleFailed, answers, found, has_rule, kind_of, know
from templates_engine.approvers.seating import MOST_SEATS, escalate, seat_people
from templates_engine.approvers.shapes import MODE, ONE_RULE, RULES_SCHEMA, TOLD_SCHEMA
from templates_engine.parts import Rule

__all__ = [
    "MODE", "MOST_SEATS", "ONE_RULE", "RULES", "RULES_SCHEMA", "TOLD_SCHEMA",
    "Circumstances", "Organisation", "Rule", "RuleFailed", "Seat", "Seating",
    "answers", "escalate", "found", "has_rule", "kind_of", "know", "seat_people",
]  # fmt: skip

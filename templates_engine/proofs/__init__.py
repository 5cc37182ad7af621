"""Proofs about a template, valid for every ticket it will ever have. One file each, one line here."""

from collections.abc import Callable, Iterator

from templates_engine.findings.finding import Finding
from templates_engine.proofs import access, cases, joins, reach, visibility
from templates_engine.proofs.base import Subject

PROOFS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    reach.prove,
    joins.prove,
    cases.prove,
    access.prove,
    visibility.prove,
)


def prove(subject: Subject) -> Iterator[Finding]:
    """The findings that prevent publishing."""
    for proof in PROOFS:
        yield from proof(subject)


__all__ = ["PROOFS", "Subject", "prove"]

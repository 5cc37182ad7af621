"""Compares two versions of a template and says in words what changed, and where.

Pure: two checked documents in, changes out. Fields and nodes are matched by their keys.
"""

from typing import Any

from templates_engine.compare.chain import compare_chains, compare_steps
from templates_engine.compare.changes import Change, settings
from templates_engine.compare.form import compare_forms
from templates_engine.parts import Document

PARTS = ("key", "name", "category", "description", "number_prefix", "visible_to", "dedup", "rating", "summary")


def compare(old: Document, new: Document) -> list[Change]:
    """Every difference between two checked documents, in the order of the document."""
    return [
        *settings("setting", "", {}, _only(old, PARTS), _only(new, PARTS)),
        *compare_forms(old, new),
        *compare_chains(old, new),
    ]


def _only(whole: Document, keys: tuple[str, ...]) -> dict[str, Any]:
    parts: dict[str, Any] = dict(whole)
    return {key: parts[key] for key in keys if key in parts}


__all__ = ["Change", "compare", "compare_steps"]

"""Digests over canonical JSON: what is signed is what runs (I05, I15)."""

import hashlib
from typing import Any

from common.chain import canonical
from tickets.models.content import Child, Plan


def digest(value: Any) -> str:
    """SHA-256 in hex over the canonical form of a JSON value."""
    return hashlib.sha256(canonical(value)).hexdigest()


def plan_digest(plan: Plan | dict[str, Any]) -> str:
    """The digest of a plan, over all its keys but `digest` itself."""
    return digest({key: value for key, value in plan.items() if key != "digest"})


def content_digest(
    *,
    template_version_id: int,
    form: dict[str, Any],
    facts: dict[str, Any],
    plans: dict[str, Plan],
    children: dict[str, list[Child]],
) -> str:
    """The digest an approver signs: template version, form values, facts for conditions, every plan and child.

    A content without sub-tickets has no key for them.
    """
    signed = {"template_version": template_version_id, "form": form, "facts": facts, "plans": plans}
    return digest(signed | ({"children": children} if children else {}))

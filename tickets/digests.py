"""What you sign is what runs: digests over canonical JSON (I5, I15)."""

import hashlib
from typing import Any

from tickets.events import canonical
from tickets.models.content import Plan


def digest(value: Any) -> str:
    """SHA-256 in hex over the canonical form of a JSON value."""
    return hashlib.sha256(canonical(value)).hexdigest()


def plan_digest(plan: Plan | dict[str, Any]) -> str:
    """The digest of a plan: of all its keys but `digest` itself."""
    return digest({key: value for key, value in plan.items() if key != "digest"})


def content_digest(
    *, template_version_id: int, form: dict[str, Any], facts: dict[str, Any], plans: dict[str, Plan]
) -> str:
    """The digest an approver signs: template version, form values, what the conditions know, and every plan."""
    return digest({"template_version": template_version_id, "form": form, "facts": facts, "plans": plans})

"""The people of the walks: the demo organisation, with roles large enough for several people at one node."""

from tests.model.company import Company

CAST = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "admin"]
ROLES = {
    "dba": ["dave"],
    "sre": ["erin", "grace"],
    "security": ["frank"],
    "ops": ["alice", "bob", "carol", "dave"],
    "nobody": [],
}
ADDED_ROLES = ("ops", "nobody")


def company() -> Company:
    """The same as demo/organisation.yaml, written independently."""
    return Company(
        managers={
            "alice": "bob", "bob": "carol", "dave": "carol", "erin": "carol", "frank": "carol", "grace": "erin",
            "heidi": "bob",
        },
        roles={role: list(people) for role, people in ROLES.items()},
        admins=["admin"],
        departments={
            "alice": "platform", "bob": "platform", "carol": "dev", "dave": "dba", "erin": "ops", "frank": "security",
            "grace": "ops", "heidi": "platform", "admin": "company",
        },
        heads={"dev": "carol", "platform": "bob", "ops": "erin", "security": "frank", "dba": "dave"},
        parents=dict.fromkeys(("dev", "ops", "security", "dba"), "company") | {"platform": "dev"},
    )  # fmt: skip

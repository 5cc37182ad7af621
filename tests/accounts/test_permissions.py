"""Permissions beyond one's own tickets: unknown ones are ignored (I26)."""

import pytest

from accounts.models import Role
from accounts.permissions import ALL, OPERATE, PUBLISH, REPORTS, has_permission, permissions_of
from tests.factories import give_role, user

pytestmark = pytest.mark.usefixtures("world")


@pytest.mark.parametrize(
    ("who", "rights"),
    [("admin", sorted(ALL)), ("erin", [OPERATE, REPORTS]), ("dave", []), ("alice", [])],
)
def test_of_the_cast(who, rights) -> None:
    assert permissions_of(user(who)) == rights
    for right in (*ALL, "unknown.right", ""):
        assert has_permission(user(who), right) is (right in rights)


def test_rights_add_up_and_unknown_ones_do_not_count() -> None:
    give_role("a", "alice")
    give_role("b", "alice")
    Role.objects.filter(key="a").update(permissions=[PUBLISH, "root"])
    Role.objects.filter(key="b").update(permissions=[PUBLISH, REPORTS])
    assert permissions_of(user("alice")) == [REPORTS, PUBLISH]
    assert not has_permission(user("alice"), "root")

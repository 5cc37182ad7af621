"""Recipients of a message, and the named ones that it cannot reach."""

from dataclasses import dataclass, field

from sandbox.wecom.api.call import Call
from sandbox.wecom.errors import ApiError
from sandbox.wecom.world import World

USERS_MAX, PARTIES_MAX, TAGS_MAX = 1000, 100, 100


@dataclass
class Recipients:
    userids: list[str] = field(default_factory=list)
    invalid_users: list[str] = field(default_factory=list)
    invalid_parties: list[str] = field(default_factory=list)
    invalid_tags: list[str] = field(default_factory=list)

    def add(self, userid: str) -> None:
        if userid not in self.userids:
            self.userids.append(userid)

    def require_some(self) -> "Recipients":
        if not self.userids:
            raise ApiError(81013, f"invaliduser: {'|'.join(self.invalid_users)}")
        return self

    def invalid(self) -> dict[str, str]:
        """The fields of the send answer; absent when empty."""
        lists = {
            "invaliduser": self.invalid_users,
            "invalidparty": self.invalid_parties,
            "invalidtag": self.invalid_tags,
        }
        return {name: "|".join(values) for name, values in lists.items() if values}


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split("|") if part.strip()]


def recipients_of(world: World, call: Call) -> Recipients:
    """Recipients from touser, toparty, totag. Raises ApiError if lists are too long, empty or all invalid."""
    users, parties, tags = (split(call.text(name)) for name in ("touser", "toparty", "totag"))
    if users == ["@all"]:
        return everyone(world).require_some()
    if not users and not parties and not tags:
        raise ApiError(82001)
    return find(world, users, parties, tags)


def find(world: World, users: list[str], parties: list[str], tags: list[str]) -> Recipients:
    """Find the recipients. This corp has no tags, so all tags are invalid."""
    if len(users) > USERS_MAX:
        raise ApiError(40032)
    if len(parties) > PARTIES_MAX:
        raise ApiError(82002)
    if len(tags) > TAGS_MAX:
        raise ApiError(82003)
    found = Recipients(invalid_tags=tags)
    for userid in users:
        member = reachable(world, userid)
        if member:
            found.add(member)
        else:
            found.invalid_users.append(userid.lower())
    for party in parties:
        add_party(world, party, found)
    return found.require_some()


def add_party(world: World, party: str, found: Recipients) -> None:
    departments = world.directory.subtree(int(party)) if party.isdecimal() and len(party) < 10 else []
    if not departments:
        found.invalid_parties.append(party)
    for member in world.directory.members_of({department.id for department in departments}):
        if reachable(world, member.userid):
            found.add(member.userid)


def everyone(world: World) -> Recipients:
    return Recipients([m.userid for m in world.directory.members.values() if reachable(world, m.userid)])


def reachable(world: World, userid: str) -> str:
    """The userid as spelled in the directory, or "" if a message cannot reach the member."""
    member = world.visible(userid)
    if member is None or world.faults.member_state(member.userid) in {"disabled", "left"}:
        return ""
    return member.userid

"""Reading of WeCom's directory, completely or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from notify.wecom.client import WeComClient, WeComError

NOT_FOUND = 60111
Row = dict[str, Any]


@dataclass(frozen=True)
class Directory:
    """What WeCom shows us: departments by id, members by userid in lower case (WeCom ignores case).

    deleted: our userids that no longer exist in WeCom. unseen: our userids that WeCom does not show us, with the error.
    """

    departments: dict[int, Row]
    members: dict[str, Row]
    deleted: frozenset[str] = frozenset()
    unseen: dict[str, str] = field(default_factory=dict)


def fetch(client: WeComClient, known: Iterable[str] = ()) -> Directory:
    """All departments and members in the application's visible range. Raises WeComError if any part is missing.

    known: userids expected to exist. Members missing from the lists are looked up one by one, as a list may be
    incomplete: only WeCom's error 60111 (no such member) makes a member deleted.
    """
    departments = {int(row["id"]): row for row in _rows(client.get("department/list"), "department")}
    if not departments:
        raise WeComError("department/list: WeCom shows no department; look at the application's visible range")
    members: dict[str, Row] = {}
    for number in departments:
        answer = client.get("user/list", params={"department_id": number})
        members |= {str(row["userid"]).lower(): row for row in _rows(answer, "userlist")}
    deleted, unseen = set(), {}
    for userid in {each.lower() for each in known} - members.keys():
        try:
            members[userid] = client.get("user/get", params={"userid": userid})
        except WeComError as error:
            if error.errcode == NOT_FOUND:
                deleted.add(userid)
            else:
                unseen[userid] = str(error)
    return Directory(departments, members, frozenset(deleted), unseen)


def _rows(answer: Row, key: str) -> list[Row]:
    """The list in an answer. Raises WeComError if it is missing: that does not mean an empty list."""
    rows = answer.get(key)
    if not isinstance(rows, list):
        raise WeComError(f"the answer holds no {key}")
    return rows

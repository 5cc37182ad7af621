"""WeCom's directory as it is read: whole, or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from notify.wecom.client import WeComClient, WeComError

NOT_FOUND = 60111
Row = dict[str, Any]


@dataclass(frozen=True)
class Directory:
    """What WeCom shows us: departments by id, members by userid in small letters (to WeCom case means nothing).

    deleted: userids that we know and WeCom does not any more. unseen: those that it hides from us, and why.
    """

    departments: dict[int, Row]
    members: dict[str, Row]
    deleted: frozenset[str] = frozenset()
    unseen: dict[str, str] = field(default_factory=dict)


def fetch(client: WeComClient, known: Iterable[str] = ()) -> Directory:
    """All departments and members in the application's visible range. Raises WeComError, also for a part that lacks.

    known: userids that ought to be there. Whoever is not in the lists is asked for by name: a list that came back
    short proves nothing, and only WeCom's word that there is no such member makes him deleted.
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
    """The list of an answer. Raises WeComError where there is none: that is no empty list."""
    rows = answer.get(key)
    if not isinstance(rows, list):
        raise WeComError(f"the answer holds no {key}")
    return rows

"""The session store (SESSION_ENGINE): Django's database sessions, loaded together with their user.

A logged-in request costs one query: session, user, department, permissions and held proxies come in one row. A disabled
person or deleted session is noticed at the next request (A46).

The table contains no session keys, only their keyed hashes under BATON_SECRET_KEY, and the data of a row is signed for
its own key. So reading the table, inserting a row or copying data to another row does not give a log-in.
"""

from types import SimpleNamespace
from typing import Any

import orjson
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection
from django.utils import timezone

from accounts.fragments import NOTHING, Fragment
from accounts.models import Department, Proxy, Session, User
from accounts.models.proxy import ACTIVE_NOW
from common.keyed import keyed
from common.prepared import prepared

USER_KEY = "_auth_user_id"
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
DEPARTMENT_FIELDS = [field.attname for field in Department._meta.concrete_fields]
COLUMNS = ["s.session_data", *(f"u.{name}" for name in USER_FIELDS), *(f"d.{name}" for name in DEPARTMENT_FIELDS)]
KEY_LENGTH = 40
RIGHTS = f"""jsonb_build_object(
    'granted', (
        SELECT jsonb_agg(role.permissions)
        FROM accounts_rolemember member JOIN accounts_role role ON role.id = member.role_id WHERE member.user_id = u.id
    ),
    'held', (
        SELECT jsonb_agg(jsonb_build_object('id', proxy.id, 'principal_id', proxy.principal_id,
                                            'agent_id', proxy.agent_id, 'templates', proxy.templates))
        FROM accounts_proxy proxy WHERE proxy.agent_id = u.id AND {ACTIVE_NOW}
    )
)::text"""  # noqa: S608 (constants only)
LOAD = f"""
SELECT {", ".join(COLUMNS)}, {RIGHTS}, {{beside}}
FROM accounts_session s
LEFT JOIN accounts_user u ON u.id = s.user_id
LEFT JOIN accounts_department d ON d.id = u.department_id
WHERE s.session_key = %(session_key)s AND s.expire_date > %(now)s
"""  # noqa: S608 (constants only)


def stored(session_key: str | None) -> str:
    """The stored form of a session key, as long as its column."""
    return keyed("session", session_key or "")[:KEY_LENGTH]


class SessionStore(DatabaseStore):
    """Keeps the row's user in `self.user` after loading; None if nobody is logged in.

    Every request uses this, so the statement is fixed text: a third of the cost of composing it.
    beside: read together with the session, if set before it is loaded (accounts.fragments); found: its JSON.
    """

    user: User | None = None
    beside: Fragment | None = None
    found: str | None = None

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        """The table of sessions."""
        return Session

    def _get_session_from_db(self) -> Any:
        values: dict[str, Any] = {"session_key": stored(self.session_key), "now": timezone.now()}
        text = LOAD.format(beside="NULL")
        if self.beside is not None:
            text, values = LOAD.format(beside=f"({self.beside.sql})::text"), self.beside.values | values
        with prepared() as cursor:
            cursor.execute(text, values)
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        user, department = row[1 : 1 + len(USER_FIELDS)], row[1 + len(USER_FIELDS) : -2]
        if user[0] is not None:
            self.found = row[-1] or NOTHING
            self.user = User.from_db(connection.alias, USER_FIELDS, user)
            if department[0] is not None:
                self.user.department = Department.from_db(connection.alias, DEPARTMENT_FIELDS, department)
            rights = orjson.loads(row[-2])
            self.user.granted = rights["granted"] or []
            self.user.held = [Proxy(**values) for values in rights["held"] or []]
        return SimpleNamespace(session_data=row[0])

    @property
    def key_salt(self) -> str:
        """A salt per session, so that data signed for one session is refused in another one's row.

        It is part of stored signatures and does not follow the module's name.
        """
        return f"accounts.sessions.{stored(self.session_key)}"

    def exists(self, session_key: str) -> bool:
        """Whether a session with this key exists."""
        return super().exists(stored(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session."""
        session_key = session_key or self.session_key
        if session_key is not None:
            super().delete(stored(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """A row for this session, with its user."""
        row = super().create_model_instance(data)
        row.session_key = stored(row.session_key)
        row.user_id = data.get(USER_KEY)  # type: ignore[attr-defined]
        return row

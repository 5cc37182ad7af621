"""The session store (SESSION_ENGINE): Django's database sessions, loaded together with their user.

A request that is logged in costs one query: session, user and department come in one row, and a disabled
person or a deleted session is noticed on the very next request (A46).

The table holds no key that opens a session, only what the key becomes under BATON_SECRET_KEY; and what a row holds is
signed for this key alone. Who reads the table cannot log in, nor who inserts a row or moves one's data to another.
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection
from django.utils import timezone

from accounts.models import Department, Session, User
from config.keyed import keyed

USER_KEY = "_auth_user_id"
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
DEPARTMENT_FIELDS = [field.attname for field in Department._meta.concrete_fields]
COLUMNS = ["s.session_data", *(f"u.{name}" for name in USER_FIELDS), *(f"d.{name}" for name in DEPARTMENT_FIELDS)]
KEY_LENGTH = 40
LOAD = f"""
SELECT {", ".join(COLUMNS)}
FROM accounts_session s
LEFT JOIN accounts_user u ON u.id = s.user_id
LEFT JOIN accounts_department d ON d.id = u.department_id
WHERE s.session_key = %s AND s.expire_date > %s
"""  # noqa: S608 (constants only)


def stored(session_key: str | None) -> str:
    """What the table holds of a session's key; as long as its column."""
    return keyed("session", session_key or "")[:KEY_LENGTH]


class SessionStore(DatabaseStore):
    """Keeps the row's user at `self.user` after loading; None where nobody is logged in.

    Every request comes through here, so the statement is written out: it costs a third of what composing it would.
    """

    user: User | None = None

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        """The table of sessions."""
        return Session

    def _get_session_from_db(self) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(LOAD, [stored(self.session_key), timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        user, department = row[1 : 1 + len(USER_FIELDS)], row[1 + len(USER_FIELDS) :]
        if user[0] is not None:
            self.user = User.from_db(connection.alias, USER_FIELDS, user)
            if department[0] is not None:
                self.user.department = Department.from_db(connection.alias, DEPARTMENT_FIELDS, department)
        return Session(session_data=row[0])

    @property
    def key_salt(self) -> str:
        """What is signed for one session is refused in every other one's row."""
        return f"accounts.sessions.{stored(self.session_key)}"

    def exists(self, session_key: str) -> bool:
        """Whether there is a session of this key."""
        return super().exists(stored(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """End it."""
        session_key = session_key or self.session_key
        if session_key is not None:
            super().delete(stored(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """A row for this session, tied to the user it holds."""
        row = super().create_model_instance(data)
        row.session_key = stored(row.session_key)
        row.user_id = data.get(USER_KEY)  # type: ignore[attr-defined]
        return row

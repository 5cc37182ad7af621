"""The session store (SESSION_ENGINE): Django's database sessions, loaded together with their user.

A request that is logged in costs one query: session, user and department come in one row, and a disabled
person or a deleted session is noticed on the very next request (A46).
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection
from django.utils import timezone

from accounts.models import Department, Session, User

USER_KEY = "_auth_user_id"
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
DEPARTMENT_FIELDS = [field.attname for field in Department._meta.concrete_fields]
COLUMNS = ["s.session_data", *(f"u.{name}" for name in USER_FIELDS), *(f"d.{name}" for name in DEPARTMENT_FIELDS)]
LOAD = f"""
SELECT {", ".join(COLUMNS)}
FROM accounts_session s
LEFT JOIN accounts_user u ON u.id = s.user_id
LEFT JOIN accounts_department d ON d.id = u.department_id
WHERE s.session_key = %s AND s.expire_date > %s
"""  # noqa: S608 (constants only)


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
            cursor.execute(LOAD, [self.session_key, timezone.now()])
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

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """A row for this session, tied to the user it holds."""
        row = super().create_model_instance(data)
        row.user_id = data.get(USER_KEY)  # type: ignore[attr-defined]
        return row

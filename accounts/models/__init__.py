"""Database tables of accounts."""

from accounts.models.admin_event import AdminEvent, AdminOutbox
from accounts.models.idempotency import IdempotencyRecord
from accounts.models.login_failure import LoginFailure
from accounts.models.organisation import Department, Role, RoleMember
from accounts.models.proxy import Proxy
from accounts.models.quota import Quota
from accounts.models.session import Session
from accounts.models.token import ApiToken
from accounts.models.user import User

__all__ = [
    "AdminEvent",
    "AdminOutbox",
    "ApiToken",
    "Department",
    "IdempotencyRecord",
    "LoginFailure",
    "Proxy",
    "Quota",
    "Role",
    "RoleMember",
    "Session",
    "User",
]

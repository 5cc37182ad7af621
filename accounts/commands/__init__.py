"""Commands on accounts."""

from accounts.commands.proxies import change_proxy, grant_proxy, revoke_proxy
from accounts.commands.tokens import create_token

__all__ = ["change_proxy", "create_token", "grant_proxy", "revoke_proxy"]

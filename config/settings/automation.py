"""Actions, inventory, runs, credentials, and the systems that run them."""

import re

from common import sealed_box
from common.egress import allowed_hosts
from common.git_names import ADDRESS, REF
from config.settings.reading import HOME, SettingError, at_least_one, env, parsed, web_address

ACTIONS_SOURCE = env.str("BATON_ACTIONS_SOURCE", default="").strip()
ACTIONS_REF = env.str("BATON_ACTIONS_REF", default="HEAD").strip() or "HEAD"
ACTIONS_EVERY_S = parsed("BATON_ACTIONS_EVERY_S", env.int, 0)
if ACTIONS_EVERY_S and ACTIONS_EVERY_S < 60:
    raise SettingError("BATON_ACTIONS_EVERY_S", "must be 0 (never) or at least 60")
if ACTIONS_SOURCE and not ADDRESS.fullmatch(ACTIONS_SOURCE):
    raise SettingError("BATON_ACTIONS_SOURCE", "must be an absolute path, or an https or ssh address of a repository")
if not REF.fullmatch(ACTIONS_REF):
    raise SettingError("BATON_ACTIONS_REF", "must be a branch, a tag or a commit")
SITE = env.str("BATON_SITE", default="").strip()
if SITE and not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", SITE):
    raise SettingError("BATON_SITE", "must be lower-case letters, digits and dashes, equal to the site of its hosts")
AUTOMATION_HOME = HOME / "automation"
INVENTORY_DIR = env.str("BATON_INVENTORY_DIR", default="")
JOB_MEMORY_MB = at_least_one("BATON_JOB_MEMORY_MB", 512)
LOG_DAYS = parsed("BATON_LOG_DAYS", env.int, 400)
if LOG_DAYS < 0:
    raise SettingError("BATON_LOG_DAYS", "must be at least 1, or 0 to keep logs for ever")
SHELL_DAYS = parsed("BATON_SHELL_DAYS", env.int, 400)
if SHELL_DAYS < 0:
    raise SettingError("BATON_SHELL_DAYS", "must be at least 1, or 0 to keep lines for ever")
SALT_API_URL = web_address("SALT_API_URL", "") if env.str("SALT_API_URL", default="") else ""
if SALT_API_URL and not SALT_API_URL.startswith("https://"):  # a stolen login could run commands as root (A34)
    raise SettingError("SALT_API_URL", "must begin with https://")
SALT_API_EAUTH = env.str("SALT_API_EAUTH", default="pam")
SALT_API_USERNAME = env.str("SALT_API_USERNAME", default="")
SALT_API_PASSWORD = env.str("SALT_API_PASSWORD", default="")
SALT_API_CA = env.str("SALT_API_CA", default="")
JOURNAL_DIR = env.str("BATON_JOURNAL_DIR", default="") or str(HOME / "journal")

# The web has the public key and can store secrets; only the executor has the private keys and can read them.
_public = env.str("BATON_CREDENTIAL_KEY", default="")
CREDENTIAL_KEY = parsed("BATON_CREDENTIAL_KEY", lambda _name: sealed_box.read_public(_public)) if _public else None
CREDENTIAL_KEYS = parsed(
    "BATON_CREDENTIAL_PRIVATE_KEYS", lambda name, default: sealed_box.read_private(env.list(name, default=default)), []
)
HTTP_HOSTS = env.list("BATON_HTTP_HOSTS", default=[])
try:
    allowed_hosts.read(HTTP_HOSTS)
except ValueError as _error:
    raise SettingError("BATON_HTTP_HOSTS", str(_error)) from _error
VAULT_URL = web_address("BATON_VAULT_URL", "") if env.str("BATON_VAULT_URL", default="") else ""
VAULT_NAMESPACE = env.str("BATON_VAULT_NAMESPACE", default="")
VAULT_TOKEN = env.str("BATON_VAULT_TOKEN", default="")
VAULT_ROLE_ID = env.str("BATON_VAULT_ROLE_ID", default="")
VAULT_SECRET_ID = env.str("BATON_VAULT_SECRET_ID", default="")

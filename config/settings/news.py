"""Mail, webhooks, WeCom, and how long deliveries are kept."""

from config.settings.reading import SettingError, env, parsed, rates, required, web_address
from config.settings.site import host_name

required("EMAIL_URL")
_mail = parsed("EMAIL_URL", env.email_url)
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST", "")
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("BATON_MAIL_FROM", default=f"Baton <baton@{host_name}>")

WEBHOOK_HOSTS = env.list("BATON_WEBHOOK_HOSTS", default=[])
WEBHOOK_SECRET = env.str("BATON_WEBHOOK_SECRET", default="")
REPORT_TO = [name.strip() for name in env.list("BATON_REPORT_TO", default=[]) if name.strip()]
DELIVERY_DAYS = parsed("BATON_DELIVERY_DAYS", env.int, 180)
if DELIVERY_DAYS < 1:
    raise SettingError("BATON_DELIVERY_DAYS", "must be at least 1")

WECOM_CORP_ID = env.str("WECOM_CORP_ID", default="")
WECOM_AGENT_ID = parsed("WECOM_AGENT_ID", env.int, 0)
WECOM_SECRET = env.str("WECOM_SECRET", default="")
WECOM_TOKEN = env.str("WECOM_TOKEN", default="")
WECOM_AES_KEY = env.str("WECOM_AES_KEY", default="")
WECOM_CONTACT_SECRET = env.str("WECOM_CONTACT_SECRET", default="")
_qyapi = "https://qyapi.weixin.qq.com"
WECOM_API_BASE = web_address("WECOM_API_BASE", _qyapi)
# A sandbox for the API also serves the login pages; the real WeCom serves them on other hosts.
_stand_in = "" if WECOM_API_BASE.startswith(_qyapi) else "/".join(WECOM_API_BASE.split("/")[:3])
WECOM_OAUTH_BASE = web_address("WECOM_OAUTH_BASE", _stand_in or "https://open.weixin.qq.com")
WECOM_LOGIN_BASE = web_address("WECOM_LOGIN_BASE", _stand_in or "https://login.work.weixin.qq.com")
if WECOM_AES_KEY and len(WECOM_AES_KEY) != 43:
    raise SettingError("WECOM_AES_KEY", "must have exactly 43 characters")
WECOM_ENABLED = bool(WECOM_CORP_ID and WECOM_SECRET)
for _name in ("WECOM_AGENT_ID", "WECOM_TOKEN", "WECOM_AES_KEY"):
    if WECOM_ENABLED and not globals()[_name]:
        raise SettingError(_name, "is needed where WECOM_CORP_ID and WECOM_SECRET are set")

WECOM_PACE = parsed("BATON_WECOM_PACE", rates, "30/60 1000/3600")

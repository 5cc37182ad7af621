"""Safe values for an installation that others can reach (A49)."""

from config import production
from config.settings.reading import SettingError, env
from config.settings.site import ALLOWED_HOSTS, AUDIT_KEY, AUDIT_KEYS, BATON_URL, IS_DEMO, SECRET_KEY, host_name

_judged = production.Start(
    is_demo=IS_DEMO,
    url=BATON_URL,
    host=host_name,
    hosts=ALLOWED_HOSTS[1:],
    secret_key=SECRET_KEY,
    audit_keys={"BATON_AUDIT_KEY": AUDIT_KEY} | {f"BATON_AUDIT_KEYS ({key})": AUDIT_KEYS[key] for key in AUDIT_KEYS},
    wecom={name: env.str(name, default="") for name in production.SANDBOX_WECOM},
)
IS_PUBLIC = _judged.is_public
_refused = list(production.refusals(_judged))
if _refused:
    raise SettingError(*_refused[0], *_refused[1:])

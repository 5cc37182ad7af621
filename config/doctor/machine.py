"""Checks of this machine and this installation: its kind, its accounts, its disk, who else reads its files."""

import shutil

from django.conf import settings

from common import private
from config.environment import env_file
from demo.log_ins import WHAT_TO_DO, demo_log_ins

LOW_DISK = 1 << 30


def kind() -> str:
    """The kind of this Baton: a demonstration for this machine only, or an installation."""
    if settings.IS_DEMO and not settings.IS_PUBLIC:
        return "demonstration (`make run`), for this machine only: everybody knows its passwords and WeCom keys"
    where = settings.BATON_URL if settings.IS_PUBLIC else f"{settings.BATON_URL}, which only this machine reaches"
    return f"installation at {where}"


def accounts() -> str:
    """Check that no account has the demo password."""
    if settings.IS_DEMO and not settings.IS_PUBLIC:
        return "ok"
    known = demo_log_ins()
    return f"{', '.join(known)} {WHAT_TO_DO}" if known else "ok"


def disk() -> str:
    """Check the free space for logs and files."""
    free = shutil.disk_usage(settings.HOME).free
    return "ok" if free >= LOW_DISK else f"{free >> 20} MB left in {settings.HOME}: make room"


def privacy() -> str:
    """Check that no other user of this machine can read the data folder or the env file."""
    found = private.open_to_others(settings.HOME)
    keys = env_file()
    if keys.is_file() and keys.stat().st_mode & 0o007 and str(keys) not in found:
        found.append(str(keys))
    if not found:
        return "ok"
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return (
        f"open to others: {', '.join(found[:3])}{more}: chmod -R go-rwx {settings.HOME} (`make run` does it by itself)"
    )

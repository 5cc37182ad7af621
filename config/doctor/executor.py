"""Checks of what the executor alone has: its journal and its secrets."""

from django.conf import settings

from config.environment import EXECUTORS_OWN, env_file, read_env_file


def journal() -> str:
    """Check that the executor's journal is complete and writable; without it no job starts (I26)."""
    from automation.journal import marks

    return "; ".join(marks.problems()) or "ok"


def credentials() -> str:
    """Check that all credentials that actions name are stored, and that the executor can decrypt them."""
    from automation.credentials import Unusable, hand_over
    from automation.credentials.queries import missing
    from automation.models import Credential

    if lacking := missing():
        return "; ".join(f"{name} is not stored, but {', '.join(users)} needs it" for name, users in lacking.items())
    if settings.CREDENTIAL_KEY is None:
        return "off: set BATON_CREDENTIAL_KEY to store secrets for actions (docs/operation.md, Credentials)"
    if not settings.CREDENTIAL_KEYS:  # the web, which must not be able to decrypt
        return "ok"
    wrong = []
    for name in Credential.objects.filter(vault__isnull=True).order_by("name").values_list("name", flat=True):
        try:
            hand_over([name])
        except Unusable as error:
            wrong.append(str(error))
    return " ".join(wrong) or "ok"


def separation() -> str:
    """Check that the executor's own secrets are not in the file that the web reads (B6)."""
    shared = [name for name in EXECUTORS_OWN if name in read_env_file(env_file())]
    if not shared:
        return "ok"
    return (
        f"{env_file()} holds {', '.join(shared)}, so the web process has it too: move it to a file of the "
        "executor's user "
        "(BATON_EXECUTOR_ENV_FILE; docs/operation.md, The executor)"
    )

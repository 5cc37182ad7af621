"""POST /intake/shell: the only endpoint that accepts lines. Only the signature proves the host; it enrols nobody."""

import logging
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access.quotas import QuotaSpent, spend_as
from automation.inventory.names import is_host_name
from automation.models.shell import ShellHost
from automation.shells.batch import Malformed, read_batch
from automation.shells.sshsig import is_signed
from automation.shells.storing import keep
from common.address import client_address
from common.problems import plain, problem

logger = logging.getLogger("baton.shells")
BODY_MAX = 256 * 1024
HOSTS_OF_ADDRESS = 20  # the quota of an address is that of so many hosts


class RefusedError(Exception):
    """Not an enrolled host, or not signed by it. The message is only for the server's log."""


@csrf_exempt
@require_POST
def shell_intake(request: HttpRequest) -> HttpResponse:
    """Take one batch: 202 with the number of new lines and the highest line number.

    An unknown host and a wrong signature get the same answer, after the same work.
    """
    address = client_address(request)
    try:
        spend_as(f"shells address {address}", settings.QUOTAS["shells"] * HOSTS_OF_ADDRESS)
        body = request.read(BODY_MAX + 1)
        if len(body) > BODY_MAX:
            text = _("A batch has %(most)s bytes at most. Send fewer lines at once.") % {"most": BODY_MAX}
            return plain(problem(413, "body_too_large", text))
        return _take(request, body)
    except QuotaSpent as error:
        answer = plain(problem(error.status, error.code, error.detail))
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    except RefusedError as error:
        logger.warning("shells.refused", extra={"cause": str(error), "address": address})
        text = _("This host is not enrolled, or this is not signed with the key that it was enrolled with.")
        return plain(problem(401, "not_accepted", text))
    except Malformed as error:
        text = _("This is not a batch of lines: %(reason)s.") % {"reason": error}
        return plain(problem(422, "invalid", text))


def _take(request: HttpRequest, body: bytes) -> HttpResponse:
    """Raises RefusedError, QuotaSpent, Malformed."""
    name = request.headers.get("X-Baton-Host", "")
    host = ShellHost.objects.filter(name=name, removed_at__isnull=True).first() if is_host_name(name) else None
    is_genuine = is_signed(body, request.headers.get("X-Baton-Signature", ""), host.public_key if host else _nobody())
    if host is None or not is_genuine:
        raise RefusedError("signature" if host else "host")
    spend_as(f"shells host {host.pk}", settings.QUOTAS["shells"])
    at = timezone.now()
    kept = keep(host.pk, read_batch(body, at), at)
    if kept is None:
        raise RefusedError("ended")
    host, count = kept
    return JsonResponse({"accepted": count, "enrolment": host.pk, "last_seq": host.last_seq}, status=202)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A key without an owner, so that checking an unknown host takes as long as checking a known one."""
    key = Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

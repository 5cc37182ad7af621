"""Error responses of the front: problem documents like all others, in the caller's language."""

import json

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy

from common.problems import CONTENT_TYPE, problem

TEXTS = {
    "malformed": gettext_lazy("This request cannot be understood."),
    "body_too_large": gettext_lazy("The request is larger than anything that can be sent here."),
    "body_too_slow": gettext_lazy("The request was sent too slowly. Send it again over a better connection."),
    "storage_full": gettext_lazy("There is no space left on the server. Tell your administrator."),
    "busy": gettext_lazy("There are too many requests right now. Nothing was changed; try again in a moment."),
}


def refusal(status: int, code: str, accept_language: str) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and body of the response."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accept_language
    language = translation.get_language_from_request(request) if accept_language else settings.LANGUAGE_CODE
    with translation.override(language):
        document = problem(status, code, str(TEXTS[code]))
    headers = [("content-type", CONTENT_TYPE), ("content-language", language), ("cache-control", "no-store")]
    if status == 503:
        headers.append(("retry-after", "5"))
    return headers, json.dumps(document, ensure_ascii=False).encode()

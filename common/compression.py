"""Compressed answers, for the few views where it pays and gives nothing away.

The rule: an answer is compressed only if its view says so (`Compressed`), and a view may say so only if its answer
holds the same catalogue for everybody who may see it: no token, no CSRF token, nothing that one person sees and another
does not, and no text that people write into tickets. Otherwise, whoever chooses a part of the text (a title, a comment)
and sees how long the encrypted answers are could guess the rest letter by letter, because equal texts compress well
(BREACH, CVE-2013-3587). So tickets, lists of them, logs, notifications and everything under `me` are sent as they are.
The web app's files were compressed when it was built, and are sent by WhiteNoise.
"""

from typing import Any

from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

LEAST = 2048  # bytes; what is smaller fits into two packets anyway


def accepts_gzip(header: str) -> bool:
    """Whether this Accept-Encoding names gzip, and does not refuse it (RFC 9110, 12.5.3)."""
    for part in header.lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class Compressed(APIView):
    """A view whose answers to GET are a catalogue, as the rule above wants it."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Compress the answer once it is written."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        if request.method == "GET" and finished.status_code == 200:
            finished.add_post_render_callback(lambda written: compress(request, written))
        return finished


def compress(request: Request, response: Response) -> None:
    """Compress this written answer if it is large and the client takes it; say that it depends on the client."""
    patch_vary_headers(response, ["Accept-Encoding"])
    if len(response.content) < LEAST or not accepts_gzip(request.headers.get("Accept-Encoding", "")):
        return
    response.content = compress_string(response.content)
    response.headers["Content-Encoding"] = "gzip"

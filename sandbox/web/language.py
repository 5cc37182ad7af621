"""Languages of the pages: the texts of a page, and the language of a request (Chinese by default)."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "sandbox_lang"
LANGUAGES = ("zh", "en")
ONE_YEAR_S = 365 * 24 * 3600

Words = Mapping[str, str]
Pairs = Mapping[str, tuple[str, str]]


def language_of(request: Request) -> str:
    wanted = request.query_params.get("lang") or request.cookies.get(COOKIE, "")
    return wanted if wanted in LANGUAGES else "zh"


def words_in(language: str, pairs: Pairs) -> Words:
    """One language of a table `name → (中文, English)`."""
    column = LANGUAGES.index(language)
    return {name: pair[column] for name, pair in pairs.items()}


def remember(response: Response, request: Request) -> None:
    """Keep an explicit `?lang=` for the next page."""
    wanted = request.query_params.get("lang")
    if wanted in LANGUAGES:
        response.set_cookie(COOKIE, str(wanted), max_age=ONE_YEAR_S, samesite="lax", httponly=True)

"""Refusals by the front look like all other errors, in the caller's language."""

import json

import pytest

from config.front.bodies import DiskFull, NoRoom, Refused, TooLarge, TooSlow
from config.front.lanes import Busy
from config.front.refusals import refusal


@pytest.mark.parametrize("error", [Refused, TooLarge, TooSlow, NoRoom, DiskFull, Busy])
def test_each_is_a_problem_document_in_both_languages(error) -> None:
    headers, english = refusal(error.status, error.code, "en")
    _headers, chinese = refusal(error.status, error.code, "")
    assert ("content-type", "application/problem+json") in headers
    document = json.loads(english)
    assert (document["status"], document["code"], document["type"]) == (
        error.status,
        error.code,
        f"/problems/{error.code}",
    )
    assert document["detail"] != json.loads(chinese)["detail"]
    assert (("retry-after", "5") in headers) == (error.status == 503)

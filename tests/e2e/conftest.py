"""Fixtures of the browser journeys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect


@pytest.fixture(autouse=True)
def _patient() -> Iterator[None]:
    """Pages may take longer than five seconds to show what they fetched where much else runs."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)

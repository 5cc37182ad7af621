"""A separate attachment folder for every test."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings


@pytest.fixture
def folder(tmp_path):
    """The folder of this test's attachments."""
    place = tmp_path / "attachments"
    storage: Any = settings.STORAGES["attachments"]
    kept = {**storage, "OPTIONS": {**storage["OPTIONS"], "location": str(place)}}
    with override_settings(STORAGES={**settings.STORAGES, "attachments": kept}):
        yield place


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    """A folder for temporary files, to see what a request leaves behind."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place

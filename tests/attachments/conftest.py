"""The demo organisation, and a folder of its own for every test's files."""

import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from tests.worlds import _django_db_helper, _loaded, pytest_collection_modifyitems, world

__all__ = ["_django_db_helper", "_loaded", "pytest_collection_modifyitems", "world"]


@pytest.fixture
def folder(tmp_path):
    """Where this test's attachments are."""
    place = tmp_path / "attachments"
    options = {**settings.STORAGES["attachments"]["OPTIONS"], "location": str(place)}
    kept = {**settings.STORAGES["attachments"], "OPTIONS": options}
    with override_settings(STORAGES={**settings.STORAGES, "attachments": kept}):
        yield place


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    """A folder for temporary files: what a request leaves behind would be seen here."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place

"""The demo organisation."""

from tests.worlds import _django_db_helper, _loaded, pytest_collection_modifyitems, world

__all__ = ["_django_db_helper", "_loaded", "pytest_collection_modifyitems", "world"]

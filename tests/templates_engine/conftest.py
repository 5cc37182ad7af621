"""The demo organisation."""

from tests.worlds import _loaded, world

__all__ = ["_loaded", "world"]

"""A world that is quickly made: races commit, so each test makes its own anew."""

import pytest

from tests.factories import NOW

TEMPLATES = ("leave", "nginx-config-sync")


@pytest.fixture
def crew(db) -> None:
    """The demo organisation, its hosts, and the two of its templates that are raced for."""
    from accounts.organisation import import_organisation, read
    from automation.demo import load_hosts
    from config import demo
    from templates_engine.commands import import_file

    import_organisation(read(demo.ORGANISATION))
    load_hosts()
    for key in TEMPLATES:
        import_file(demo.TEMPLATES / f"{key}.yaml", at=NOW, publish_it=True)

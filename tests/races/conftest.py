"""A small organisation that loads fast: races commit, so each test loads it again."""

import pytest

from tests.factories import NOW

TEMPLATES = ("leave", "nginx-config-sync")


@pytest.fixture
def crew(db) -> None:
    """The demo organisation, its hosts, and two of its templates."""
    import demo
    from accounts.organisation.importing import import_organisation, read
    from demo.hosts import load_hosts
    from templates_engine.store.commands import import_file

    import_organisation(read(demo.ORGANISATION))
    load_hosts()
    for key in TEMPLATES:
        import_file(demo.TEMPLATES / f"{key}.yaml", at=NOW, publish_it=True)

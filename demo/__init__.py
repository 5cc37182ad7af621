"""The demo organisation: people, hosts and templates. It calls the apps; no app depends on it."""

import os
from graphlib import TopologicalSorter
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ORGANISATION = FOLDER / "organisation.yaml"
TEMPLATES = FOLDER / "templates"
SALT_TEMPLATES = FOLDER / "salt"  # with BATON_DEMO_SALT=1
SALT_MINIONS = ("salt-01", "salt-02")
PASSWORD = "baton-demo"  # noqa: S105 (printed on the screen for everybody to use)
MAIL_DOMAIN = "demo.example.com"


def load() -> str:
    """Create what is missing and publish new versions of changed templates; return a line with the numbers."""
    from django.utils import timezone

    from accounts.organisation.importing import import_organisation, read
    from demo.hosts import load_hosts
    from templates_engine.store.commands import import_file

    counts = import_organisation(read(ORGANISATION), password=PASSWORD, mail_domain=MAIL_DOMAIN)
    has_salt = os.environ.get("BATON_DEMO_SALT") == "1"
    hosts = load_hosts(SALT_MINIONS if has_salt else ())
    files = in_order(sorted([*TEMPLATES.glob("*.yaml"), *(SALT_TEMPLATES.glob("*.yaml") if has_salt else ())]))
    for file in files:
        import_file(file, at=timezone.now(), publish_it=True)
    people = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return f"Demo: {people}, {hosts} hosts, {len(files)} templates"


def usernames() -> list[str]:
    """The usernames of the demo organisation."""
    from common.yaml_reader import read_file

    document, _repeated = read_file(ORGANISATION)
    return [row["username"] for row in document["users"]]


def in_order(files: list[Path]) -> list[Path]:
    """The templates in order of publication: each after the templates of its sub-tickets."""
    from templates_engine.nodes.opens import children_of
    from templates_engine.reading.yaml_reader import read

    documents = {file: read(file.read_bytes())[0] for file in files}
    by_key = {document["key"]: file for file, document in documents.items()}
    opens = {document["key"]: sorted(children_of(document)) for document in documents.values()}
    return [by_key[key] for key in TopologicalSorter(opens).static_order() if key in by_key]

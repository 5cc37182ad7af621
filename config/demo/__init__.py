"""The demo organisation: people, hosts and templates. It talks to the apps, so that no app has to know of it."""

from graphlib import TopologicalSorter
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ORGANISATION = FOLDER / "organisation.yaml"
TEMPLATES = FOLDER / "templates"
PASSWORD = "baton-demo"  # noqa: S105 (printed on the screen for everybody to use)
MAIL_DOMAIN = "demo.example.com"


def load() -> str:
    """Create what is missing and publish new versions of changed templates. Answers a line that counts."""
    from django.utils import timezone

    from accounts.organisation import import_organisation, read
    from automation.demo import load_hosts
    from templates_engine.commands import import_file

    counts = import_organisation(read(ORGANISATION), password=PASSWORD, mail_domain=MAIL_DOMAIN)
    load_hosts()
    files = in_order(sorted(TEMPLATES.glob("*.yaml")))
    for file in files:
        import_file(file, at=timezone.now(), publish_it=True)
    people = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return f"Demo: {people}, 3 hosts, {len(files)} templates"


def usernames() -> list[str]:
    """The people of the demonstration."""
    from config.yaml_reader import read_file

    document, _repeated = read_file(ORGANISATION)
    return [row["username"] for row in document["users"]]


def in_order(files: list[Path]) -> list[Path]:
    """These templates, each after those it opens sub-tickets of: they have to be published before it."""
    from templates_engine.nodes.opens import children_of
    from templates_engine.yaml_reader import read

    documents = {file: read(file.read_bytes())[0] for file in files}
    by_key = {document["key"]: file for file, document in documents.items()}
    opens = {document["key"]: sorted(children_of(document)) for document in documents.values()}
    return [by_key[key] for key in TopologicalSorter(opens).static_order() if key in by_key]

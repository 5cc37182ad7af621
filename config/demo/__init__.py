"""The demo organisation: people, hosts and templates. It talks to the apps, so that no app has to know of it."""

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
    files = sorted(TEMPLATES.glob("*.yaml"))
    for file in files:
        import_file(file, at=timezone.now(), publish_it=True)
    people = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return f"Demo: {people}, 3 hosts, {len(files)} templates"

"""Create the floor's tables and people in FLOOR_DATABASE_URL."""

import os

import django
from django.core.management import call_command

PEOPLE = ("alice", "bob", "carol", "dave", "grace", "heidi")


def main(password: str) -> None:
    """Create them; the database is empty before."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.floor.settings"
    django.setup()
    from django.contrib.auth.models import User

    call_command("migrate", run_syncdb=True, verbosity=0)
    bob = User.objects.create_user("bob", "bob@example.com", password, first_name="Bob")
    others = [name for name in PEOPLE if name != "bob"]
    User.objects.bulk_create(User(username=name, first_name=name, password=bob.password) for name in others)


if __name__ == "__main__":
    main("baton-demo")

"""What is measured: a throw-away Baton of database, broker and web server, as `make run` starts them.

No worker runs beside it. What workers do with the events is a workload of its own (B8), so that each figure
belongs to one thing and the two can be added up.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from config.demo import PASSWORD
from config.run import House, web
from tests.bench.clients import Client
from tests.house import FOREIGN, free_ports

TEMPLATE = """
apiVersion: baton/v1
kind: TicketTemplate
key: bench
name: {zh: 三级审批, en: Three approvals}
form:
  - {key: subject, type: text, label: {zh: 事项, en: Subject}, required: true}
  - {key: days, type: number, label: {zh: 天数, en: Days}, required: true}
chain:
  - {node: first, type: approval, approvers: [{manager: 1}], due: 4h}
  - {node: second, type: approval, approvers: [{role: dba}], due: 4h}
  - {node: third, type: approval, approvers: [{user: carol}], due: 1d}
"""


class Bed(House):
    """Start it, use it, stop it; nothing of it stays. `state` is what one workload leaves for the next."""

    def __init__(self, scale: str) -> None:
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            del os.environ[name]  # never somebody's real database
        self.folder = Path(tempfile.mkdtemp(prefix="baton-bench-"))
        self.folder.chmod(0o755)  # the database runs as a user of its own
        os.environ |= {"BATON_HOME": str(self.folder / "home"), "PORT": str(free_ports(4)), "BATON_LOG_LEVEL": "ERROR"}
        os.environ |= {"BATON_QUOTA_TICKETS": "1000000"}  # a few accounts do what a whole company does
        super().__init__()
        self.scale = scale
        self.state: dict[str, Any] = {}

    def start(self) -> None:
        """Stores, tables, demo people, the template, the web server; Django in this process."""
        self.prepare()
        self.start_stores()
        self.prepare_data()
        self.start_parts()
        self.wait_for_web()
        self.set_up_django()

    def start_parts(self) -> None:
        """The web server alone."""
        self.add("web", web(self.ports.web))

    @staticmethod
    def set_up_django() -> None:
        """Django on the same database, and the template that tickets of the benchmark take."""
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        from django.utils import timezone

        from templates_engine.commands import import_template

        import_template(text=TEMPLATE, actor=None, at=timezone.now(), publish_it=True)

    def stop(self) -> None:
        """Stop everything and remove it."""
        super().stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pick(self, small: Any, full: Any) -> Any:
        """The value for this scale."""
        return full if self.scale == "full" else small

    def client(self, username: str = "", **headers: str) -> Client:
        """A connection of its own to the web server, logged in as this person by a browser's session."""
        found = Client(self.ports.web, headers)
        if username:
            found.log_in(username, PASSWORD)
        return found

    def clients(self, count: int, *usernames: str) -> list[Client]:
        """So many clients, the people in turn."""
        return [self.client(usernames[number % len(usernames)]) for number in range(count)]

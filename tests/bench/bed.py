"""A temporary Baton for benchmarks: database, broker and web server, started as `make run` does.

No worker runs next to it. The work of workers is a separate workload (B8), so that each figure measures one thing and
the two can be added.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from demo import PASSWORD
from devtools.embedded.commands import web
from devtools.embedded.house import House
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
    """Start it, use it, stop it; nothing remains. `state` passes data from one workload to the next."""

    def __init__(self, scale: str) -> None:
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            del os.environ[name]  # never use a real database
        self.folder = Path(tempfile.mkdtemp(prefix="baton-bench-"))
        self.folder.chmod(0o755)  # the database runs as a separate user
        os.environ |= {"BATON_HOME": str(self.folder / "home"), "PORT": str(free_ports(4)), "BATON_LOG_LEVEL": "ERROR"}
        os.environ |= {"BATON_QUOTA_TICKETS": "1000000"}  # few accounts do the work of a whole company
        super().__init__()
        self.scale = scale
        self.sizes = self.pick([10_000], [10_000, 100_000, 1_000_000])
        self.state: dict[str, Any] = {}

    def start(self) -> None:
        """Start stores and web server, create tables, demo people and template; set up Django in this process."""
        self.prepare()
        self.start_stores()
        self.prepare_data()
        self.start_parts()
        self.wait_for_web()
        self.set_up_django()

    def start_parts(self) -> None:
        """Start only the web server."""
        self.add("web", web(self.ports.web))

    @staticmethod
    def set_up_django() -> None:
        """Set up Django on the same database, and publish the benchmark's template."""
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        from django.utils import timezone

        from templates_engine.store.commands import import_template

        import_template(text=TEMPLATE, actor=None, at=timezone.now(), publish_it=True)

    def stop(self) -> None:
        """Stop everything and remove it."""
        super().stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pick(self, small: Any, full: Any) -> Any:
        """The value for this scale."""
        return full if self.scale == "full" else small

    def client(self, username: str = "", **headers: str) -> Client:
        """A separate connection to the web server, logged in as this person by session."""
        found = Client(self.ports.web, headers)
        if username:
            found.log_in(username, PASSWORD)
        return found

    def clients(self, count: int, *usernames: str) -> list[Client]:
        """This many clients, for these people in turn."""
        return [self.client(usernames[number % len(usernames)]) for number in range(count)]

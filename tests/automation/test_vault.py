"""References to a Vault, tested against its documented HTTP API (key/value version 2, AppRole) on loopback.

No Vault or OpenBao server is available from the package registries, so a test server replaces it.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from accounts.trail.acts import Origin
from automation.credentials import Unusable, hand_over, store, vault_client
from automation.models import Credential
from tests.automation.keys import PASSWORD, keep

pytestmark = pytest.mark.django_db
REFERENCE = {"mount": "secret", "path": "baton/db", "fields": {"username": "user", "password": "pw"}}


class Vault:
    """Secrets by `mount/path`; tokens that may read; AppRole log-ins counted. script: statuses to answer first."""

    def __init__(self) -> None:
        self.secrets: dict[str, dict | None] = {"secret/baton/db": {"user": "deploy", "pw": "from-the-vault"}}
        self.tokens = {"s.root"}
        self.asked: list[Any] = []
        self.script: list[Any] = []
        self.namespaces: list[Any] = []
        self.log_ins = 0

    def __enter__(self) -> "Vault":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def get(self, path: str, token: str | None) -> tuple[int, dict]:
        if token not in self.tokens:
            return 403, {"errors": ["permission denied"]}
        mount, _data, rest = path.removeprefix("/v1/").partition("/data/")
        key = f"{mount}/{rest}"
        if key not in self.secrets:
            return 404, {"errors": []}
        kept = self.secrets[key]
        meta = {"created_time": "2026-11-20T10:00:00Z", "destroyed": False, "version": 2}
        if kept is None:  # deleted: Vault answers 404 and the metadata
            return 404, {"data": {"data": None, "metadata": meta | {"deletion_time": "2026-11-21T10:00:00Z"}}}
        return 200, {"request_id": "x", "lease_id": "", "data": {"data": kept, "metadata": meta}}

    def log_in(self, body: dict) -> tuple[int, dict]:
        if body != {"role_id": "r-1", "secret_id": "s-1"}:
            return 400, {"errors": ["invalid role or secret ID"]}
        self.log_ins += 1
        token = f"s.login{self.log_ins}"
        self.tokens.add(token)
        return 200, {"auth": {"client_token": token, "lease_duration": 1200, "renewable": True}}


def _handler(vault: Vault) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            vault.asked.append(self.path)
            vault.namespaces.append(self.headers.get("X-Vault-Namespace"))
            token = self.headers.get("X-Vault-Token")
            self._say(*((vault.script.pop(0), {}) if vault.script else vault.get(self.path, token)))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._say(*(vault.log_in(body) if self.path == "/v1/auth/approle/login" else (404, {})))

        def _say(self, status: int, document: dict) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


@pytest.fixture
def vault(settings, people, monkeypatch) -> Iterator[Vault]:
    monkeypatch.setattr(vault_client, "PAUSE_S", 0.01)
    monkeypatch.setattr(vault_client, "_log_ins", {})
    erin = people["erin"]
    erin.is_admin = True
    erin.save()
    with Vault() as found:
        settings.VAULT_URL, settings.VAULT_TOKEN = found.url, "s.root"
        settings.VAULT_ROLE_ID = settings.VAULT_SECRET_ID = settings.VAULT_NAMESPACE = ""
        keep(erin, "db", vault=REFERENCE)
        yield found


def test_a_reference_is_read_anew_for_each_run(vault) -> None:
    assert hand_over(["db"]) == {"db": {"username": "deploy", "password": "from-the-vault"}}
    vault.secrets["secret/baton/db"] = {"user": "deploy", "pw": "renewed-there"}
    assert hand_over(["db"])["db"]["password"] == "renewed-there"
    assert vault.asked == ["/v1/secret/data/baton/db"] * 2
    row = Credential.objects.get()
    assert (row.box, row.shown, row.vault) == ("", {}, REFERENCE)


def test_an_app_role_logs_in_once_and_again_when_its_token_was_revoked(vault, settings) -> None:
    settings.VAULT_TOKEN, settings.VAULT_ROLE_ID, settings.VAULT_SECRET_ID = "", "r-1", "s-1"
    settings.VAULT_NAMESPACE = "ops"
    for _ in range(3):
        assert hand_over(["db"])["db"]["username"] == "deploy"
    assert (vault.log_ins, set(vault.namespaces)) == (1, {"ops"})
    vault.tokens.clear()
    assert hand_over(["db"])["db"]["username"] == "deploy"
    assert vault.log_ins == 2
    vault_client._log_ins.clear()
    settings.VAULT_SECRET_ID = "wrong"
    with pytest.raises(Unusable, match=r"refused the AppRole log-in \(400\)"):
        hand_over(["db"])


@pytest.mark.parametrize(
    ("secrets", "token", "says"),
    [
        ({}, "s.root", "404 for secret/baton/db: there is nothing"),
        ({"secret/baton/db": None}, "s.root", "deleted"),
        ({}, "s.other", "403 for secret/baton/db: the token may not read it"),
        ({"secret/baton/db": {"user": "deploy"}}, "s.root", "holds no text under the key pw"),
        ({"secret/baton/db": {"user": "deploy", "pw": 7}}, "s.root", "holds no text under the key pw"),
        ({"secret/baton/db": {"user": "deploy", "pw": "short"}}, "s.root", "password: .*6"),
    ],
)
def test_what_is_not_there_is_said_with_its_place(vault, settings, secrets, token, says) -> None:
    vault.secrets, settings.VAULT_TOKEN = secrets, token
    with pytest.raises(Unusable, match=f"db.*{says}"):
        hand_over(["db"])


def test_F42_a_vault_that_is_away_is_asked_again_for_a_moment_only(vault, settings) -> None:
    vault.script = [502, 429]
    assert hand_over(["db"])["db"]["username"] == "deploy"
    settings.VAULT_URL = "http://127.0.0.1:9"
    with pytest.raises(Unusable, match=r"does not answer \(ConnectionRefusedError\)"):
        hand_over(["db"])
    settings.VAULT_URL = ""
    with pytest.raises(Unusable, match="BATON_VAULT_URL is not set here"):
        hand_over(["db"])


def test_A32_a_reference_pointed_elsewhere_in_the_row_is_not_followed(vault) -> None:
    vault.secrets["secret/root"] = {"user": "root", "pw": "the-crown-jewels"}
    Credential.objects.update(vault=REFERENCE | {"path": "root"})
    with pytest.raises(Unusable, match="not what was stored"):
        hand_over(["db"])
    assert vault.asked == []


def test_a_secret_moves_into_the_vault_and_out(vault, people, settings) -> None:
    from tests.automation.keys import use_keys

    use_keys(settings)
    now, origin = timezone.now(), Origin("web")
    store.change(actor=people["erin"], at=now, origin=origin, name="db", secret=PASSWORD)
    assert hand_over(["db"])["db"] == PASSWORD
    assert Credential.objects.get().vault is None
    store.change(actor=people["erin"], at=now, origin=origin, name="db", vault=REFERENCE)
    assert hand_over(["db"])["db"]["password"] == "from-the-vault"

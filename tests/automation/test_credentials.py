"""Credentials: written by the web process, read by the executor, shown to nobody (I24, A32, B6)."""

import base64
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import AdminEvent, IdempotencyRecord
from automation import credentials
from automation.actions.library import library
from automation.background.run import run
from automation.credentials import Unusable, hand_over, secrets_in
from automation.executors.log_text import MASK, Cleaner
from automation.models import Credential
from common.sealed_box import new_pair, read_private, read_public
from tests.automation.keys import PASSWORD, PUBLIC, keep, use_keys
from tests.automation.world import approved_job, log_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def keys(settings) -> None:
    use_keys(settings)


@pytest.fixture
def admin(people):
    erin = people["erin"]
    erin.is_admin = True
    erin.save()
    return erin


def browser(person) -> Client:
    found = Client(headers={"Accept-Language": "en"})
    found.force_login(person, backend="accounts.backends.PasswordBackend")
    return found


def call(person, method: str, path: str, body: object = None, **headers: str):
    return browser(person).generic(
        method, f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=headers
    )


@pytest.fixture
def used(monkeypatch):
    """The action that runs in these tests names the credential `db`."""
    action = library().action("database.run_change")
    monkeypatch.setitem(library().shipped, action.key, replace(action, credentials=("db",), run={"login": "db"}))


def test_I24_a_secret_goes_in_and_never_comes_out_of_the_api(admin) -> None:
    made = call(admin, "POST", "credentials", {"name": "db", "kind": "password", "secret": PASSWORD})
    assert made.status_code == 201, made.content
    assert made.json() | {"created_at": "", "changed_at": ""} == {
        "name": "db", "kind": "password", "description": "", "source": "sealed", "vault": None,
        "shown": {"username": "deploy"}, "key": "k1", "used_by": [], "created_at": "", "changed_at": "",
        "changed_by": "erin",
    }  # fmt: skip
    listed = call(admin, "GET", "credentials")
    changed = call(admin, "PATCH", "credentials/db", {"secret": PASSWORD | {"password": "another-0ne"}})
    everything = b"".join(answer.content for answer in (made, listed, changed))
    everything += json.dumps([act.data for act in AdminEvent.objects.all()]).encode()
    row = Credential.objects.get()
    everything += row.box.encode() + json.dumps(row.shown).encode()
    for secret in ("corr3ct-horse", "another-0ne"):
        assert secret.encode() not in everything
        assert base64.b64encode(secret.encode())[:12] not in everything
    assert hand_over(["db"]) == {"db": {"username": "deploy", "password": "another-0ne"}}


def test_I24_a_stored_answer_does_not_let_anybody_guess_the_body(admin, settings) -> None:
    body = {"name": "db", "kind": "password", "secret": PASSWORD}
    assert call(admin, "POST", "credentials", body, **{"Idempotency-Key": "a"}).status_code == 201
    again = call(admin, "POST", "credentials", body, **{"Idempotency-Key": "a"})
    assert again.status_code == 201
    first = IdempotencyRecord.objects.get().fingerprint
    Credential.objects.all().delete()
    settings.SECRET_KEY = "another-key-" + "z" * 30
    call(admin, "POST", "credentials", body | {"name": "db2"}, **{"Idempotency-Key": "b"})
    call(admin, "POST", "credentials", body, **{"Idempotency-Key": "c"})
    assert first not in set(IdempotencyRecord.objects.exclude(key="a").values_list("fingerprint", flat=True))


def test_A41_only_those_with_the_right_see_or_change_anything(people, admin) -> None:
    keep(admin, "db")
    for method, path, body in (
        ("GET", "credentials", None),
        ("POST", "credentials", {"name": "x", "kind": "token", "secret": {"token": "123456"}}),
        ("PATCH", "credentials/db", {"description": "mine"}),
        ("DELETE", "credentials/db", None),
    ):
        answer = call(people["bob"], method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert Credential.objects.get().description == ""


def test_I25_every_change_is_in_the_trail_of_administration(admin) -> None:
    call(admin, "POST", "credentials", {"name": "db", "kind": "password", "secret": PASSWORD})
    call(admin, "PATCH", "credentials/db", {"description": "orders"})
    call(admin, "DELETE", "credentials/db")
    acts = list(AdminEvent.objects.order_by("seq"))
    assert [(act.kind, act.actor, act.channel, act.about, act.data["changed"]) for act in acts] == [
        ("credential.added", admin, "web", "credential:db", ["secret"]),
        ("credential.changed", admin, "web", "credential:db", ["description"]),
        ("credential.removed", admin, "web", "credential:db", []),
    ]
    call_command("audit", "verify")


def test_one_that_an_action_names_is_not_removed(admin, used) -> None:
    keep(admin, "db")
    answer = call(admin, "DELETE", "credentials/db")
    assert (answer.status_code, answer.json()["code"]) == (409, "credential_in_use")
    assert answer.json()["actions"] == ["database.run_change"]
    row = call(admin, "GET", "credentials").json()["results"][0]
    assert [user["action"] for user in row["used_by"]] == ["database.run_change"]


@pytest.mark.parametrize(
    ("kind", "secret", "path"),
    [
        ("password", {"password": "long-enough"}, "secret.username"),
        ("password", PASSWORD | {"password": "s3cr!"}, "secret.password"),
        ("password", PASSWORD | {"password": "two\nlines"}, "secret.password"),
        ("password", PASSWORD | {"note": "x"}, "secret.note"),
        ("password", PASSWORD | {"username": "a\nb"}, "secret.username"),
        ("salt_api", PASSWORD | {"eauth": "magic"}, "secret.eauth"),
        ("ssh_key", {"private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"}, "secret.private_key"),
        ("ssh_key", {"private_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 a@b"}, "secret.private_key"),
        ("token", {}, "secret.token"),
    ],
)
def test_what_is_no_such_thing_is_refused_with_its_place(admin, kind, secret, path) -> None:
    answer = call(admin, "POST", "credentials", {"name": "x", "kind": kind, "secret": secret})
    assert answer.status_code == 422, answer.content
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert all(str(value) not in answer.text for value in secret.values() if len(str(value)) > 4)


def test_exactly_one_source_and_a_plain_name(admin) -> None:
    reference = {"mount": "secret", "path": "a", "fields": {"token": "t"}}
    both = {"name": "x", "kind": "token", "secret": {"token": "123456"}, "vault": reference}
    for body, path in (
        (both, "secret"),
        ({"name": "x", "kind": "token"}, "secret"),
        (both | {"name": "../x"}, "name"),
        ({"name": "x", "kind": "token", "vault": reference | {"path": "a/../b"}}, "vault.path"),
        ({"name": "x", "kind": "token", "vault": reference | {"fields": {}}}, "vault.fields"),
    ):
        answer = call(admin, "POST", "credentials", body)
        assert [error["path"] for error in answer.json()["errors"]] == [path], answer.content


@pytest.mark.parametrize("passphrase", ["", "a long phrase"])
@pytest.mark.parametrize("form", ["RFC4716", "PEM"])
def test_an_ssh_key_is_named_by_its_fingerprint(admin, tmp_path: Path, form: str, passphrase: str) -> None:
    path = tmp_path / "id"
    kind = ["-t", "rsa", "-b", "2048", "-m", "PEM"] if form == "PEM" else ["-t", "ed25519"]
    subprocess.run(["ssh-keygen", "-q", *kind, "-N", passphrase, "-f", str(path)], check=True)
    printed = subprocess.run(["ssh-keygen", "-l", "-f", f"{path}.pub"], check=True, capture_output=True, text=True)
    text = path.read_text().strip().replace("\n", "\r\n")  # as a form's text area sends it
    secret = {"private_key": text} | ({"passphrase": passphrase} if passphrase else {})
    row = keep(admin, "fleet", "ssh_key", secret=secret)
    assert row.shown["fingerprint"] == printed.stdout.split()[1]
    assert hand_over(["fleet"])["fleet"]["private_key"] == path.read_text()
    wrong = {"private_key": text} if passphrase else {"private_key": text, "passphrase": "not needed"}
    answer = call(admin, "PATCH", "credentials/fleet", {"secret": wrong})
    assert [error["code"] for error in answer.json()["errors"]] == ["bad_key"]


def test_B6_the_web_can_store_and_cannot_read(admin, settings) -> None:
    settings.CREDENTIAL_KEYS = {}
    keep(admin, "db")
    with pytest.raises(Unusable, match="k1, which is not here"):
        hand_over(["db"])


def test_I26_without_a_key_nothing_is_stored_in_clear(admin, settings) -> None:
    settings.CREDENTIAL_KEY = None
    answer = call(admin, "POST", "credentials", {"name": "db", "kind": "password", "secret": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "credentials_off")
    assert not Credential.objects.exists()


def test_A32_a_box_beside_another_name_or_kind_opens_nothing(admin) -> None:
    keep(admin, "root")
    keep(admin, "guest", secret=PASSWORD | {"username": "guest"})
    box = Credential.objects.get(name="root").box
    Credential.objects.filter(name="guest").update(box=box)
    with pytest.raises(Unusable, match="guest is not what was stored"):
        hand_over(["guest"])
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:  # whoever could forge the trail as well is held off by the box itself
        patch.setattr(credentials.handing, "is_sound", lambda row: True)
        with pytest.raises(Unusable, match="belongs to another name"):
            hand_over(["guest"])
    assert hand_over(["root"])["root"] == PASSWORD


def test_A32_an_older_box_or_another_reference_is_not_believed(admin) -> None:
    old = keep(admin, "db").box
    call(admin, "PATCH", "credentials/db", {"secret": PASSWORD | {"password": "renewed-0ne"}})
    Credential.objects.update(box=old)
    with pytest.raises(Unusable, match="not what was stored"):
        hand_over(["db"])
    answer = call(admin, "PATCH", "credentials/db", {"description": "vouched for"})
    assert answer.status_code == 422
    assert call(admin, "PATCH", "credentials/db", {"secret": PASSWORD}).status_code == 200
    assert hand_over(["db"])["db"] == PASSWORD


def test_A32_a_row_put_back_after_its_removal_is_not_believed(admin) -> None:
    row = keep(admin, "db")
    call(admin, "DELETE", "credentials/db")
    row.pk = None
    row.save(force_insert=True)
    with pytest.raises(Unusable, match="not what was stored"):
        hand_over(["db"])


def test_F39_keys_rotate_while_old_boxes_still_open(admin, settings) -> None:
    keep(admin, "db")
    public, private = new_pair("k2")
    settings.CREDENTIAL_KEY = read_public(public)
    settings.CREDENTIAL_KEYS = {**read_private([private]), **settings.CREDENTIAL_KEYS}
    keep(admin, "new")
    assert hand_over(["db", "new"]) == {"db": PASSWORD, "new": PASSWORD}
    call_command("credentials", "reseal")
    settings.CREDENTIAL_KEYS = read_private([private])
    assert hand_over(["db", "new"]) == {"db": PASSWORD, "new": PASSWORD}
    call_command("credentials", "check")
    acts = AdminEvent.objects.filter(kind="credential.changed")
    assert [(act.about, act.channel, act.data["changed"]) for act in acts] == [("credential:db", "system", ["key"])]


def test_F39_without_the_old_key_nothing_is_resealed(admin, settings) -> None:
    keep(admin, "db")
    settings.CREDENTIAL_KEYS = read_private([new_pair("k2")[1]])
    with pytest.raises(Exception, match="Nothing was changed: db is sealed for the key k1"):
        call_command("credentials", "reseal")
    with pytest.raises(SystemExit):
        call_command("credentials", "check")


@pytest.mark.parametrize("secret", ["corr3ct-horse", "a b&c<d>'\"\\é", "密码密码密码密码"])
def test_A35_a_secret_is_masked_in_every_form(secret: str) -> None:
    from urllib.parse import quote

    from automation.credentials.masking import forms

    cleaner = Cleaner(forms(secret, "deploy"))
    around = [
        base64.b64encode(f"{before}{secret}{after}".encode()) for before in ("", "x", "xy") for after in ("", "z", "yz")
    ]
    lines = [secret.encode(), quote(secret, safe="").encode(), json.dumps({"p": secret}).encode(),
             base64.b64encode(f"deploy:{secret}".encode()), *around]  # fmt: skip
    for line in lines:
        text = cleaner.feed(b"say " + line + b" now\n")
        assert MASK in text, line
        assert secret not in text
        longest = max(text.replace(MASK, " ").split(), key=len)
        assert len(longest) <= len("deploy:") + 7, text


def test_A35_a_secret_is_masked_across_the_cut_of_a_long_line() -> None:
    secret = "corr3ct-horse-battery"
    for before in range(7980, 8003):
        for end in (b"", b"\n"):
            cleaner = Cleaner([secret])
            text = cleaner.feed(b"x" * before + secret.encode() + b"y" * 9000 + end) + cleaner.finish()
            assert text.count(MASK) == 1
            assert "corr3ct" not in text
            assert "battery" not in text


def test_a_private_key_is_masked_line_by_line(admin, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "id")], check=True)
    keep(admin, "fleet", "ssh_key", secret={"private_key": (tmp_path / "id").read_text()})
    cleaner = Cleaner(secrets_in(hand_over(["fleet"])))
    for line in (tmp_path / "id").read_text().splitlines()[1:-1]:
        assert line not in cleaner.feed(f"debug: {line}\n".encode())


def test_a_job_whose_credential_is_missing_is_refused_and_nothing_runs(people, hosts, used) -> None:
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "refused")
    assert "Not started: The credential db does not exist." in log_of(job)
    assert not list((hosts / "demo-01").rglob("*.sql"))


@pytest.mark.services
def test_I24_an_executor_gets_the_secret_and_the_log_does_not(people, admin, hosts, used, monkeypatch) -> None:
    keep(admin, "db")
    seen = []
    from automation.executors.ansible.execution import AnsibleExecutor

    start = AnsibleExecutor.start
    monkeypatch.setattr(AnsibleExecutor, "start", lambda self, order: seen.append(order) or start(self, order))
    real = Cleaner.feed
    monkeypatch.setattr(Cleaner, "feed", lambda self, data: real(self, data.replace(b"TASK", b"TASK corr3ct-horse")))
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    run(job.pk)
    job.refresh_from_db()
    assert job.outcome == "ok", log_of(job)
    assert seen[0].credentials == {"db": PASSWORD}
    assert "corr3ct-horse" not in repr(seen[0])
    assert "corr3ct-horse" not in log_of(job)
    assert f"TASK {MASK}" in log_of(job)


def test_the_command_prints_a_pair_that_fits(capsys) -> None:
    call_command("credentials", "new-key", "2027")
    lines = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines() if "=" in line)
    public = read_public(lines["BATON_CREDENTIAL_KEY"])
    from common.sealed_box import public_of

    [(name, private)] = read_private([lines["BATON_CREDENTIAL_PRIVATE_KEYS"]]).items()
    assert public_of(name, private) == public
    assert PUBLIC.startswith("k1:")

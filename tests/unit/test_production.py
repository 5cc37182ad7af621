"""Settings with which production refuses to start (A49), and what a demo may use."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from config.production import LEAST_BITS, bits, is_loopback

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "BATON_SECRET_KEY": "Vb1ZtX0pQ3mC7sK9wR2yL6nH4jF8dG5aTeUiOxYq",
    "BATON_AUDIT_KEY": "9kD3xW7rM1qZ5vB8nC2tY6pL4sJ0hGfAeRuIoTgX",
    "BATON_URL": "https://baton.example.com",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing",
    "BROKER_URL": "memory://",
    "EMAIL_URL": "smtp://127.0.0.1:9",
    "BATON_ENV_FILE": os.devnull,
    "PATH": os.environ["PATH"],
}
SANDBOX = {
    "WECOM_CORP_ID": "ww0123456789abcdef",
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": "sandbox-only-" + "s" * 30,
    "WECOM_TOKEN": "SandboxOnlyToken",
    "WECOM_AES_KEY": "SandboxOnlyabcdefghijklmnopqrstuvwxyzABCDEF",
}
LOCAL = {"BATON_URL": "http://127.0.0.1:8000"}


def start(**changes: str) -> list[str]:
    """What is said by a start with these settings, a line each; nothing where it goes well."""
    command = [sys.executable, "-c", "import config.settings"]
    done = subprocess.run(command, cwd=ROOT, env=GOOD | changes, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is (done.stderr == "")
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    ("changes", "name", "mend"),
    [
        ({"BATON_AUDIT_KEY": GOOD["BATON_SECRET_KEY"]}, "BATON_AUDIT_KEY", "openssl rand"),
        ({"BATON_AUDIT_KEY": "a" * 40}, "BATON_AUDIT_KEY", "openssl rand"),
        ({"BATON_AUDIT_KEYS": "2027:" + GOOD["BATON_SECRET_KEY"]}, "BATON_AUDIT_KEYS (2027)", "openssl rand"),
        ({"BATON_SECRET_KEY": "changeme" * 5}, "BATON_SECRET_KEY", "openssl rand"),
        ({"BATON_SECRET_KEY": "short"}, "BATON_SECRET_KEY", "32 characters"),
        ({"BATON_ALLOWED_HOSTS": "*"}, "BATON_ALLOWED_HOSTS", "names that people use"),
        ({"BATON_ALLOWED_HOSTS": "baton.internal,.example.com"}, "BATON_ALLOWED_HOSTS", "names that people use"),
        ({"BATON_URL": "http://baton.example.com"}, "BATON_URL", "https://"),
        ({"BATON_URL": "http://10.0.0.5:8000"}, "BATON_URL", "https://"),
        (SANDBOX | {"WECOM_SECRET": "m" * 40, "WECOM_AES_KEY": "m" * 43}, "WECOM_TOKEN", "WeCom console"),
        (SANDBOX | {"WECOM_SECRET": "m" * 40, "WECOM_TOKEN": "mine"}, "WECOM_AES_KEY", "WeCom console"),
        (SANDBOX | {"WECOM_TOKEN": "mine", "WECOM_AES_KEY": "m" * 43}, "WECOM_SECRET", "WeCom console"),
        ({"BATON_TIME_ZONE": "Asia/Atlantis"}, "BATON_TIME_ZONE", "Asia/Shanghai"),
        ({"BATON_TIME_ZONE": "../etc/passwd"}, "BATON_TIME_ZONE", "Asia/Shanghai"),
        ({"BATON_TIME_ZONE": "Asia"}, "BATON_TIME_ZONE", "Asia/Shanghai"),
        ({"BATON_TIME_ZONE": "UTC+8"}, "BATON_TIME_ZONE", "Asia/Shanghai"),
        ({"BATON_URL": "https://:443"}, "BATON_URL", "host"),
        ({"BATON_URL": "https://baton.example.com:port"}, "BATON_URL", "understood"),
        ({"BATON_DB_POOL": "many"}, "BATON_DB_POOL", "understood"),
        ({"BATON_PROXY_COUNT": "x"}, "BATON_PROXY_COUNT", "understood"),
        ({"BATON_PROXY_COUNT": "-1"}, "BATON_PROXY_COUNT", "0 or more"),
        ({"BATON_URL": "https://example.com/baton"}, "BATON_URL", "its own host"),
        ({"DATABASE_URL": "db.internal"}, "DATABASE_URL", "postgres://"),
        ({"BROKER_URL": "mq.internal"}, "BROKER_URL", "amqp://"),
        ({"BROKER_URL": "http://mq.internal"}, "BROKER_URL", "amqp://"),
        ({"BROKER_URL": "amqp://mq:port/baton"}, "BROKER_URL", "understood"),
        ({"WECOM_API_BASE": "qyapi.internal"}, "WECOM_API_BASE", "https://"),
        ({"WECOM_LOGIN_BASE": "https://"}, "WECOM_LOGIN_BASE", "https://"),
        ({"BATON_WECOM_PACE": "30"}, "BATON_WECOM_PACE", "such as 30/60"),
        ({"BATON_ANCHOR_MAIL": "perhaps"}, "BATON_ANCHOR_MAIL", "0 or 1"),
        ({"BATON_LOG_LEVEL": "LOUD"}, "BATON_LOG_LEVEL", "DEBUG"),
        (LOCAL | {"BATON_AUDIT_KEY": GOOD["BATON_SECRET_KEY"]}, "BATON_AUDIT_KEY", "openssl rand"),
        (LOCAL | SANDBOX | {"BATON_ALLOWED_HOSTS": "10.0.0.5", "WECOM_SECRET": "m" * 40, "WECOM_AES_KEY": "m" * 43},
         "WECOM_TOKEN", "WeCom console"),
    ],
)  # fmt: skip
def test_A49_one_line_names_the_setting_and_how_to_mend_it(changes, name, mend) -> None:
    [line] = start(**changes)
    assert line.startswith(f"Setting {name}: ")
    assert mend in line


def test_A49_every_wrong_setting_is_named_at_once() -> None:
    said = start(**SANDBOX, BATON_URL="http://baton.example.com", BATON_AUDIT_KEY="a" * 40, BATON_ALLOWED_HOSTS="*")
    assert [line.split(":")[0].removeprefix("Setting ") for line in said] == [
        "BATON_AUDIT_KEY", "BATON_ALLOWED_HOSTS", "BATON_URL", "WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        SANDBOX | {"WECOM_SECRET": "m" * 40, "WECOM_TOKEN": "mine", "WECOM_AES_KEY": "m" * 43},
        {"BATON_AUDIT_KEYS": "2026:" + GOOD["BATON_AUDIT_KEY"]},
        {"BATON_URL": "https://[2001:db8::1]:8443"},
        LOCAL | SANDBOX,
        LOCAL | SANDBOX | {"BATON_DEMO": "1", "BATON_SECRET_KEY": "a" * 40, "BATON_AUDIT_KEY": "a" * 40},
        {"BATON_URL": "http://localhost:8000", "BATON_ALLOWED_HOSTS": "baton.localhost"},
        {"BATON_URL": "http://[::1]:8000"},
        {"BROKER_URL": "redis+socket:///run/valkey.sock?virtual_host=3"},
        {"BROKER_URL": "amqp://a:b@one:5672/baton;amqp://a:b@two:5672/baton"},
    ],
    ids=[
        "installation",
        "with-wecom",
        "a-key-gets-a-name",
        "by-address",
        "on-loopback",
        "demo",
        "localhost",
        "ipv6",
        "socket",
        "two-brokers",
    ],
)
def test_what_starts(changes) -> None:
    assert start(**changes) == []


def test_A49_a_demonstration_that_others_reach_is_none() -> None:
    said = start(**SANDBOX, BATON_DEMO="1", BATON_URL="http://10.0.0.5:8000")
    assert {line.split(":")[0] for line in said} >= {"Setting BATON_URL", "Setting WECOM_TOKEN"}


def test_random_keys_are_never_refused_and_typed_ones_are() -> None:
    for make in (lambda: secrets.token_hex(16), lambda: secrets.token_urlsafe(24), lambda: secrets.token_urlsafe(48)):
        assert min(bits(make()) for _ in range(2_000)) >= LEAST_BITS
    for typed in ("a" * 64, "ab" * 20, "0123456789abcdef" * 2, "abcdefghijklmnopqrstuvwxyz0123456789", "secret" * 6):
        assert bits(typed) < LEAST_BITS


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("[::1]", True), ("LOCALHOST", True), ("a.localhost", True),
     ("localhost.example.com", False), ("127.0.0.1.nip.io", False), ("10.0.0.1", False), ("*", False)],
)  # fmt: skip
def test_which_names_mean_this_machine(host, is_own) -> None:
    assert is_loopback(host) is is_own

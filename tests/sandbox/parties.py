"""The parties of these tests: processes, a small application that receives callbacks, and simple clients."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests

from sandbox.wecom.callbacks.crypto import CallbackCrypto

ROOT = Path(__file__).resolve().parents[2]
CORP, AGENT = "ww0123456789abcdef", 1000002
TOKEN, AES_KEY = "SandboxToken2024", "LocalSandboxOnlyKey0123456789abcdefghijklmA"
CALLBACK_TIMEOUT_S = 0.5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(question: Callable[[], Any], within_s: float = 10) -> Any:
    """The first true answer; fails if there is none in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.02)
    pytest.fail("waited in vain")


def start(module: str, environment: dict[str, str]) -> subprocess.Popen:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("WECOM_", "SANDBOX_", "MAILBOX_"))}
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**clean, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).ok
    except requests.ConnectionError:
        return False


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    process.communicate(timeout=5)


def wecom_environment(home: Path, port: int, application: str) -> dict[str, str]:
    return {
        "SANDBOX_PORT": str(port),
        "SANDBOX_HOME": str(home),
        "SANDBOX_DIRECTORY": str(Path(__file__).parent / "organisation.yaml"),
        "SANDBOX_CALLBACK_URL": f"{application}/wecom/callback",
        "SANDBOX_TRUSTED_ORIGIN": application,
        "SANDBOX_CALLBACK_TIMEOUT_S": str(CALLBACK_TIMEOUT_S),
        "SANDBOX_CALLBACK_PAUSE_S": "0.02",
        "WECOM_CORP_ID": CORP,
        "WECOM_AGENT_ID": str(AGENT),
        "WECOM_SECRET": "app-secret",
        "WECOM_CONTACT_SECRET": "contact-secret",
        "WECOM_TOKEN": TOKEN,
        "WECOM_AES_KEY": AES_KEY,
    }


Answer = tuple[int, bytes]


@dataclass
class Application:
    """The application: decrypts every event with its own keys and answers with `reply`."""

    url: str
    crypto: CallbackCrypto = field(default_factory=lambda: CallbackCrypto(TOKEN, AES_KEY, CORP))
    events: list[dict[str, Any]] = field(default_factory=list)
    reply: Callable[[dict[str, Any]], Answer] = lambda event: (200, b"")
    echo: Callable[[str], bytes] = lambda text: text.encode()

    def reset(self) -> None:
        self.events.clear()
        self.reply = lambda event: (200, self.button("好"))
        self.echo = lambda text: text.encode()

    def sealed(self, inner: str, crypto: CallbackCrypto | None = None) -> bytes:
        crypto = crypto or self.crypto
        encrypted = crypto.encrypt(inner)
        signature = crypto.sign("1700000003", "n0nce", encrypted)
        return (
            f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature>{signature}</MsgSignature>"
            "<TimeStamp>1700000003</TimeStamp><Nonce>n0nce</Nonce></xml>"
        ).encode()

    def message(self, kind: str, body: str, to: str = "bob", sender: str = CORP) -> str:
        return (
            f"<xml><ToUserName>{to}</ToUserName><FromUserName>{sender}</FromUserName>"
            f"<CreateTime>1700000003</CreateTime><MsgType>{kind}</MsgType>{body}</xml>"
        )

    def button(self, text: str, to: str = "bob") -> bytes:
        body = f"<Button><ReplaceName><![CDATA[{text}]]></ReplaceName></Button>"
        return self.sealed(self.message("update_button", body, to))

    def open(self, query: dict[str, str], encrypted: str) -> str:
        self.crypto.verify(query["msg_signature"], query["timestamp"], query["nonce"], encrypted)
        return self.crypto.decrypt(encrypted)


def handler_for(application: Application) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def query(self) -> dict[str, str]:
            return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))

        def answer(self, status: int, body: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the caller has given up

        def do_GET(self) -> None:
            query = self.query()
            if "echostr" not in query:
                self.answer(200, self.path.encode())
                return
            self.answer(200, application.echo(application.open(query, query["echostr"])))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inner = ET.fromstring(application.open(self.query(), ET.fromstring(body).findtext("Encrypt")))
            event: dict[str, Any] = {child.tag: child.text for child in inner if len(child) == 0}
            event["chosen"] = {
                item.findtext("QuestionKey"): [o.text for o in item.findall("OptionIds/OptionId")]
                for item in inner.findall("SelectedItems/SelectedItem")
            }
            application.events.append(event)
            self.answer(*application.reply(event))

    return Handler


@dataclass
class WeCom:
    """A simple HTTP client of the sandbox."""

    url: str
    token: str = ""

    def get(self, path: str, **params: str) -> dict[str, Any]:
        params.setdefault("access_token", self.token)
        return requests.get(f"{self.url}/cgi-bin/{path}", params=params, timeout=10).json()

    def post(self, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        params = {"access_token": self.token if token is None else token}
        raw = json.dumps(body, ensure_ascii=False).encode()
        return requests.post(f"{self.url}/cgi-bin/{path}", params=params, data=raw, timeout=10).json()

    def log_in(self, secret: str = "app-secret") -> str:
        return requests.get(
            f"{self.url}/cgi-bin/gettoken", params={"corpid": CORP, "corpsecret": secret}, timeout=10
        ).json()["access_token"]

    def send(self, card: dict[str, Any], to: str = "bob", **extra: Any) -> dict[str, Any]:
        body = {"touser": to, "msgtype": "template_card", "agentid": AGENT, "template_card": card, **extra}
        return self.post("message/send", body)

    def inbox(self, userid: str) -> list[dict[str, Any]]:
        return requests.get(f"{self.url}/sandbox/inbox/{userid}", timeout=10).json()["messages"]

    def press(self, userid: str, msgid: str, key: str = "approve", **extra: Any) -> requests.Response:
        body = {"msgid": msgid, "key": key, **extra}
        return requests.post(f"{self.url}/sandbox/inbox/{userid}/press", json=body, timeout=30)

    def faults(self, **switches: Any) -> requests.Response:
        return requests.post(f"{self.url}/sandbox/faults", json=switches, timeout=10)

    def journal(self, kind: str = "") -> list[dict[str, Any]]:
        return requests.get(f"{self.url}/sandbox/journal", params={"kind": kind}, timeout=10).json()["entries"]


@dataclass
class Mailbox:
    url: str
    smtp_port: int

    def messages(self, to: str = "") -> list[dict[str, Any]]:
        return requests.get(f"{self.url}/mailbox/messages", params={"to": to}, timeout=10).json()["messages"]

    def message(self, mail_id: int) -> dict[str, Any]:
        return requests.get(f"{self.url}/mailbox/messages/{mail_id}", timeout=10).json()

    def faults(self, **switches: Any) -> requests.Response:
        return requests.post(f"{self.url}/mailbox/faults", json=switches, timeout=10)

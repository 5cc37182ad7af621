"""The http executor against a real system on loopback that loses answers before and after the effect (F28, I14, T8)."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from automation.actions.document import Action
from automation.executors.base import HostResult, Mode, News, Order, Refused
from automation.executors.http import HttpExecutor, calls
from automation.executors.http.executor import LOST
from automation.executors.http.section import check_section
from automation.executors.verdict import Ending, verdict_of
from tests.hostile import CODE, CONTROL, SHAPE
from tickets.models.content import Target

TOKEN = "t0ken-of-the-fleet"
CREDENTIALS = {"dns": {"token": TOKEN}}


class System:
    """A DNS system with operations. effects: (key, body) of everything that it really did, in order.

    lose: for each request that would act, "before" or "after" its effect the answer is lost, or a status to answer
    instead, "" to behave. knows: whether a repeated key gets the first answer. slow: how often an operation is still
    running when asked. ends: how it ends.
    """

    def __init__(self) -> None:
        self.effects: list[tuple[str, object]] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.lose: list[object] = []
        self.error = "not now"
        self.knows, self.slow, self.ends = True, 0, "done"
        self.cancelled: list[Any] = []
        self.operations: dict[str, dict] = {}

    def __enter__(self) -> "System":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def act(self, key: str, body: object) -> dict:
        if self.knows and key in self.operations:
            return self.operations[key]
        self.effects.append((key, body))
        number = str(len(self.effects))
        found = {"id": number, "state": "queued", "links": {"self": f"/operations/{number}"}, "left": self.slow}
        self.operations[key] = found
        return found

    def ask(self, found: dict) -> dict:
        if found["state"] in ("queued", "running"):
            found["left"] -= 1
            found["state"] = "running" if found["left"] >= 0 else self.ends
        return found


def _handler(system: System) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def _take(self) -> bytes:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            system.requests.append((self.command, self.path, dict(self.headers), body))
            return body

        def do_GET(self) -> None:
            self._take()
            asked = urlsplit(self.path)
            if key := parse_qs(asked.query).get("key"):
                found = system.operations.get(key[0])
            else:
                found = next((o for o in system.operations.values() if asked.path == f"/operations/{o['id']}"), None)
            self._say(200, system.ask(found)) if found else self._say(404, {"error": "no such operation"})

        def do_POST(self) -> None:
            body = self._take()
            if self.path.endswith("/cancel"):
                system.cancelled.append(self.path)
                found = next(o for o in system.operations.values() if self.path == f"/operations/{o['id']}/cancel")
                found["state"] = "broken"
                self._say(202, {})
                return
            how = system.lose.pop(0) if system.lose else ""
            if how == "before":
                self.connection.close()
                return
            if isinstance(how, int):
                self._say(how, {"error": system.error})
                return
            found = system.act(self.headers["Idempotency-Key"], json.loads(body or b"null"))
            if how == "after":
                self.connection.close()
                return
            self._say(202, found if how != "elsewhere" else found | {"links": {"self": "http://169.254.169.254/x"}})

        def _say(self, status: int, document: dict) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


@pytest.fixture
def system(settings, monkeypatch) -> Iterator[System]:
    monkeypatch.setattr(calls, "PAUSE_S", 0.01)
    with System() as found:
        settings.HTTP_HOSTS = [f"http://127.0.0.1:{found.port}"]
        yield found


def section(system: System, **more) -> dict:
    found = {
        "method": "POST",
        "url": f"{system.url}/records",
        "body": {"object": {"name": {"param": "name"}, "host": {"target": "name"}, "ticket": {"ticket": "number"},
                            "by": {"value": "baton"}}},
        "token": {"credential": "dns"},
        "poll": {"url": "links.self", "state": "state", "every_s": 0.1, "running": ["queued", "running"],
                 "done": ["done"], "failed": ["broken"], "message": "why"},
        "look_up": {"url": f"{system.url}/operations", "query": "key"},
        "outputs": {"operation": "id"},
        **more,
    }  # fmt: skip
    found = {name: value for name, value in found.items() if value is not None}
    check_section(found, ["name", "task"])
    return found


def order(run: dict, hosts: tuple[str, ...] = ("web-01",), **more) -> Order:
    action = Action(
        key="dns.api", version="1" * 64, name="DNS", description="", executor="http", params={}, is_read_only=False,
        needs_targets=True, risk="low", timeout_s=60, valid_days=7, command={}, labels={}, fields=(), files={}, run=run,
    )  # fmt: skip
    targets: list[Target] = [{"name": name, "address": f"root@{name}:22", "connection": "ssh"} for name in hosts]
    given: dict[str, Any] = {"params": {"name": "www"}, "key": "k" * 40, "credentials": CREDENTIALS} | more
    return Order("CHG-1", 1, action, action.version, targets=targets, **given)


def follow(asked: Order, stop_when=lambda _news: False) -> tuple[dict[str, HostResult], News, str]:
    """Run it: results, all news, the job's outcome."""
    results: dict[str, HostResult] = {}
    outputs: dict[str, Any] = {}
    text, stopped = b"", ""
    with HttpExecutor().start(asked) as execution:
        deadline = time.monotonic() + 30
        while execution.exit_code is None:
            assert time.monotonic() < deadline
            execution.renew()
            news = execution.poll(0.1)
            results |= news.hosts
            text, outputs = text + news.text, {**outputs, **news.outputs}
            if not stopped and stop_when(news):
                stopped = "cancelled"
                execution.stop()
    ending = Ending(execution.exit_code, execution.has_verdict, stopped)
    verdict = verdict_of([target["name"] for target in asked.targets], results, ending)
    return results, News(text, {}, outputs=outputs), verdict.outcome


def test_each_host_gets_its_request_and_is_followed_to_its_end(system) -> None:
    system.slow = 2
    results, news, outcome = follow(order(section(system), ("web-01", "web-02")))
    assert outcome == "ok"
    assert {name: (r.status, r.changed) for name, r in results.items()} == {
        "web-01": ("changed", True), "web-02": ("changed", True)
    }  # fmt: skip
    assert [body for _key, body in system.effects] == [
        {"name": "www", "host": host, "ticket": "CHG-1", "by": "baton"} for host in ("web-01", "web-02")
    ]
    assert len({key for key, _body in system.effects}) == 2
    assert news.outputs == {"web-01": {"operation": "1"}, "web-02": {"operation": "2"}}
    assert {headers["Authorization"] for _m, _p, headers, _b in system.requests} == {f"Bearer {TOKEN}"}
    assert TOKEN.encode() not in news.text


def test_once_for_the_whole_run(system) -> None:
    body = {"object": {"hosts": {"targets": "names"}}}
    results, _news, outcome = follow(order(section(system, per="run", body=body), ("web-01", "web-02")))
    assert outcome == "ok"
    assert [body for _key, body in system.effects] == [{"hosts": ["web-01", "web-02"]}]
    assert {result.status for result in results.values()} == {"changed"}


@pytest.mark.parametrize("idempotent", [False, True])
def test_F28_an_answer_lost_after_the_effect_is_looked_up_and_never_done_twice(system, idempotent) -> None:
    system.lose = ["after"]
    _results, _news, outcome = follow(order(section(system, idempotent=idempotent)))
    assert outcome == "ok"
    assert len(system.effects) == 1


def test_F28_lost_before_the_effect_and_nobody_knows_it_so_it_is_unknown(system) -> None:
    system.lose = ["before"]
    results, _news, outcome = follow(order(section(system), ("web-01", "web-02")))
    assert results["web-01"].status == "unknown"
    assert "Look there before" in results["web-01"].message
    assert results["web-02"].status == "changed"
    assert outcome == "unknown"
    assert len([request for request in system.requests if request[0] == "POST"]) == 2


def test_F28_lost_before_the_effect_is_sent_again_where_the_key_makes_it_safe(system) -> None:
    system.lose = ["before", 503]
    _results, _news, outcome = follow(order(section(system, idempotent=True)))
    assert outcome == "ok"
    assert len(system.effects) == 1
    keys = {headers["Idempotency-Key"] for method, _p, headers, _b in system.requests if method == "POST"}
    assert len(keys) == 1


@pytest.mark.parametrize("lost", ["after", "before", 502, 504])
def test_I14_without_a_way_to_ask_a_lost_answer_is_never_sent_again(system, lost) -> None:
    system.lose, system.knows = [lost], False
    results, _news, outcome = follow(order(section(system, look_up=None)))
    assert (outcome, results["web-01"].status) == ("unknown", "unknown")
    assert len([request for request in system.requests if request[0] == "POST"]) == 1
    assert len(system.effects) == (1 if lost == "after" else 0)


def test_F30_afterwards_it_can_be_asked_by_the_same_key(system) -> None:
    asked = order(section(system), ("web-01", "web-02"))
    system.lose = ["", "before"]
    follow(asked)
    assert {name: result.status for name, result in HttpExecutor().look_up(asked).items()} == {"web-01": "changed"}
    assert HttpExecutor().look_up(order(section(system, look_up=None))) is None


def test_what_is_plainly_refused_there_failed(system) -> None:
    system.lose = [409]
    results, _news, outcome = follow(order(section(system)))
    assert (outcome, results["web-01"].status) == ("failed", "failed")
    assert results["web-01"].message == 'Answered 409: {"error": "not now"}'
    system.ends = "broken"
    results, _news, outcome = follow(order(section(system), key="l" * 40))
    assert (outcome, results["web-01"].message) == ("failed", "Ended as broken.")


def test_I26_a_state_that_nobody_declared_is_unknown(system) -> None:
    system.ends = "mostly"
    results, _news, outcome = follow(order(section(system)))
    assert (outcome, results["web-01"].status) == ("unknown", "unknown")
    assert "'mostly' is no state" in results["web-01"].message


def test_A40_an_answer_cannot_send_the_token_elsewhere(system) -> None:
    system.lose = ["elsewhere"]
    results, _news, outcome = follow(order(section(system)))
    assert outcome == "unknown"
    assert "no address on the same host" in results["web-01"].message
    assert [request[0] for request in system.requests] == ["POST"]


def test_A40_a_host_that_is_not_allowed_is_refused_before_anything_is_sent(system, settings) -> None:
    settings.HTTP_HOSTS = []
    with pytest.raises(Refused, match="BATON_HTTP_HOSTS"):
        HttpExecutor().start(order(section(system)))
    assert system.requests == []


def test_nobody_there_is_unreachable_and_may_be_rerun(system, settings) -> None:
    settings.HTTP_HOSTS = ["http://127.0.0.1:9"]
    dead = section(system, url="http://127.0.0.1:9/records", look_up=None)
    results, _news, outcome = follow(order(dead))
    assert (outcome, results["web-01"].status) == ("failed", "unreachable")
    assert "nothing was sent" in results["web-01"].message


def test_stopping_cancels_there_and_sends_nothing_more(system) -> None:
    system.slow = 10_000
    run = section(system, cancel={"method": "POST", "suffix": "/cancel"})
    results, _news, outcome = follow(order(run, ("web-01", "web-02")), lambda news: b"202" in news.text)
    assert outcome == "cancelled"
    assert results["web-01"].status == "cancelled"
    assert "web-02" not in results
    assert system.cancelled == ["/operations/1/cancel"]
    assert len(system.effects) == 1


def test_F30_without_its_worker_it_ends_by_itself(system, monkeypatch) -> None:
    monkeypatch.setattr("automation.executors.http.executor.FENCE_S", 0.3)
    system.slow = 10_000
    with HttpExecutor().start(order(section(system), ("web-01", "web-02"))) as execution:
        deadline = time.monotonic() + 20
        while execution.exit_code is None:
            assert time.monotonic() < deadline
            execution.poll(0.1)
    assert (execution.exit_code, execution.has_verdict) == (LOST, False)
    assert len(system.effects) == 1


def test_A27_A28_hostile_values_arrive_as_they_are_and_leave_no_path(system) -> None:
    corpus = [*CODE.values(), *CONTROL.values(), *SHAPE.values(), "../../admin", "a/b?c=d#e", "a\r\nX-Evil: 1"]
    path = ["/", {"param": "name"}, "/records"]
    for index, text in enumerate(corpus):
        run = section(system, url=f"{system.url}/zones", path=path, poll=None, look_up=None, outputs=None)
        _results, _news, outcome = follow(order(run, params={"name": text}, key=f"{index:040}"))
        assert outcome == "ok", text
        assert system.effects[-1][1]["name"] == text
        sent = system.requests[-1]
        assert sent[1].startswith("/zones/")
        assert sent[1].endswith("/records")
        assert sent[1].count("/") == 3
        assert "X-Evil" not in sent[2]
    for text in ("..", ".", ""):
        with pytest.raises(Refused, match="cannot be part of an address"):
            HttpExecutor().start(order(run, params={"name": text}))


def test_a_request_is_signed_over_its_bytes(system) -> None:
    run = section(system, token={"credential": "dns", "header": "X-Api-Key"}, sign={"credential": "dns"})
    follow(order(run))
    _method, _path, headers, body = system.requests[0]
    assert headers["X-Api-Key"] == TOKEN
    assert headers["X-Baton-Signature"] == f"sha256={hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()}"


def test_A34_a_credential_that_was_not_handed_over_sends_nothing(system) -> None:
    with pytest.raises(Refused, match="dns was not handed over"):
        HttpExecutor().start(order(section(system), credentials={}))
    assert system.requests == []


def test_there_is_no_dry_run_and_no_run_without_a_key(system) -> None:
    for wrong in ({"mode": Mode.CHECK}, {"key": ""}):
        with pytest.raises(Refused):
            HttpExecutor().start(order(section(system), **wrong))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"method": "TRACE"}, "run.method"),
        ({"url": "https://user@dns.example.com/"}, "run.url"),
        ({"url": "file:///etc/passwd"}, "run.url"),
        ({"headers": {}}, "headers"),
        ({"path": ["/../x", {"param": "a b"}]}, "run.path"),
        ({"body": {"template": "{{ x }}"}}, "run.body"),
        ({"body": {"list": [{"param": "other"}]}}, "no parameter other"),
        ({"method": "GET"}, "a GET has none"),
        ({"look_up": {"url": "https://other.example.com/x", "query": "key"}}, "run.look_up.url"),
        ({"poll": None, "cancel": {"method": "POST"}}, "run.cancel"),
    ],
)
def test_a_broken_section_is_refused_with_its_place(system, change, says) -> None:
    whole = {**section(system), **change}
    with pytest.raises(ValueError, match=says):
        check_section({name: value for name, value in whole.items() if value is not None}, ["name"])


def test_one_way_in_the_file_is_one_action(tmp_path: Path) -> None:
    from automation.actions.document import LibraryError, load_action

    folder = tmp_path / "dns.api"
    folder.mkdir()
    text = (
        "key: dns.api\nname: {zh: a, en: a}\ndescription: {zh: a, en: a}\nexecutor: http\nread_only: false\n"
        "needs_targets: true\nrisk: low\ntimeout_s: 60\nvalid_days: 7\ncommand: {zh: a, en: a}\nlabels: {}\n"
        "params: {type: object, additionalProperties: false, properties: {}}\ncredentials: [dns]\n"
    )
    (folder / "action.yaml").write_text(text + "run: {method: POST, url: 'https://dns.example.com/records'}\n")
    assert load_action(folder).run["method"] == "POST"
    (folder / "action.yaml").write_text(text + "run: {method: POST}\n")
    with pytest.raises(LibraryError, match="run: 'url' is a required property"):
        load_action(folder)

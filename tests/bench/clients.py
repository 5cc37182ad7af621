"""Load over HTTP: persistent connections, one thread each, every latency kept."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 60
Act = Callable[["Client", Any], None]


class Client:
    """One connection that is kept open. Anything but 2xx is an error: a benchmark of refusals says nothing."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self.headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}", **headers}

    def log_in(self, username: str, password: str) -> None:
        """Take the session and its CSRF token along from here on."""
        body = json.dumps({"username": username, "password": password}).encode()
        self.connection.request("POST", "/api/v1/auth/login", body, self.headers)
        answer = self.connection.getresponse()
        answer.read()
        set_by = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        cookies = dict(pair.split("=", 1) for pair in set_by)
        self.headers["Cookie"] = "; ".join(set_by)
        self.headers["X-CSRFToken"] = cookies["csrftoken"]

    def raw(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """One request. Raises AssertionError where it is refused."""
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        data = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {data[:300]!r}"
        return data

    def get(self, path: str) -> Any:
        """GET under /api/v1/."""
        return json.loads(self.raw("GET", f"/api/v1/{path}"))

    def post(self, path: str, **body: Any) -> Any:
        """POST under /api/v1/."""
        return json.loads(self.raw("POST", f"/api/v1/{path}", json.dumps(body).encode()))


@dataclass
class Load:
    """What a load came to. latencies_s: of every request, in no order."""

    latencies_s: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies_s) / self.seconds

    def percentile_ms(self, part: float) -> float:
        """The latency that this part of the requests stays within."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    def figures(self, per_s: str) -> dict[str, float]:
        """For the table."""
        percentiles = {f"p{round(100 * part)}_ms": round(self.percentile_ms(part), 1) for part in (0.5, 0.95, 0.99)}
        return {per_s: round(self.rate, 1), **percentiles}


def drive(clients: Sequence[Client], work: Sequence[Any], act: Act, *, per_s: float | None = None) -> Load:
    """Work everything off with all clients at once. The first error of any of them ends it.

    per_s: begin so many a second, whether or not earlier ones are done; a latency then counts from the moment
    at which its request was due, so that waiting for a free client is not hidden.
    """
    waiting = iter(enumerate(work))
    lock = threading.Lock()
    latencies: list[float] = []
    errors: list[BaseException] = []
    began = time.perf_counter()

    def one(client: Client) -> None:
        while not errors:
            with lock:
                number, item = next(waiting, (-1, None))
            if number < 0:
                return
            due = time.perf_counter() if per_s is None else began + number / per_s
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                act(client, item)
            except BaseException as error:  # noqa: BLE001 (raised again by the caller)
                errors.append(error)
                return
            latencies.append(time.perf_counter() - due)

    threads = [threading.Thread(target=one, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return Load(latencies, time.perf_counter() - began)

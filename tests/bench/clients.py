"""HTTP by Python: single calls, and load at a steady rate. Load at the highest rate is sent by wrk (wrk.py)."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 60
IDLE_S = 10  # the web server closes connections that were idle for longer than half a minute
Act = Callable[["Client", Any], object]


class Client:
    """One persistent connection. Any response but 2xx is an error."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self.used = time.monotonic()
        self.headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}", **headers}

    def log_in(self, username: str, password: str) -> None:
        """Log in and keep the session and CSRF token."""
        body = json.dumps({"username": username, "password": password}).encode()
        self.connection.request("POST", "/api/v1/auth/login", body, self.headers)
        answer = self.connection.getresponse()
        answer.read()
        set_by = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        cookies = dict(pair.split("=", 1) for pair in set_by)
        self.headers["Cookie"] = "; ".join(set_by)
        self.headers["X-CSRFToken"] = cookies["csrftoken"]

    def raw(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Send one request. Raises AssertionError if it is refused."""
        if time.monotonic() - self.used > IDLE_S:
            self.connection.close()  # the request opens it again
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        data = answer.read()
        self.used = time.monotonic()
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
    """Result of a load. latencies_s: of every request, unordered."""

    latencies_s: list[float]
    seconds: float

    def percentile_ms(self, part: float) -> float:
        """The latency within which this share of the requests stays."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    def figures(self) -> dict[str, float]:
        """The figures for the table."""
        percentiles = {f"p{round(100 * part)}_ms": round(self.percentile_ms(part), 1) for part in (0.5, 0.99)}
        return {"per_s": round(len(self.latencies_s) / self.seconds, 1), **percentiles}


def drive(clients: Sequence[Client], work: Iterable[Any], act: Act, *, per_s: float) -> Load:
    """Start this many items per second, with all clients in parallel; the first error ends it.

    An item starts even if earlier ones are not done. Latencies count from the time it was due, so that waiting for a
    free client is included.
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
            due = began + number / per_s
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

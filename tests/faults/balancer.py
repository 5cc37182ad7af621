"""nginx before several web processes, with the very configuration of docs/operation.md."""

import re
import subprocess
from pathlib import Path

import psutil
import requests

from tests.house import ROOT, wait_for

AROUND = """daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
access_log {folder}/access.log;
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
{inside}
}}
"""


def documented(port: int, upstreams: list[int]) -> str:
    """The configuration as operators read it, but on this port, without TLS, and before these web processes."""
    text = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```nginx\n(.*?)```", text, re.DOTALL)
    block = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{port};", block)
    block = re.sub(r"^ *ssl_certificate.*$", "", block, flags=re.MULTILINE)
    for documented_port, upstream in zip(("8000", "8001"), upstreams, strict=True):
        block = block.replace(f"server 127.0.0.1:{documented_port};", f"server 127.0.0.1:{upstream};")
    return block


class Balancer:
    """A running nginx."""

    def __init__(self, folder: Path, port: int, upstreams: list[int]) -> None:
        folder.mkdir(mode=0o755)
        self.url = f"http://127.0.0.1:{port}"
        self.file, self.log = folder / "nginx.conf", folder / "error.log"
        self.file.write_text(AROUND.format(folder=folder, inside=documented(port, upstreams)))
        self.process = subprocess.Popen(self.command())
        wait_for(self.answers, "nginx", 20)

    def command(self, *more: str) -> list[str]:
        """nginx with this configuration."""
        return ["nginx", "-c", str(self.file), "-e", str(self.log), *more]

    def answers(self) -> bool:
        """Whether it answers."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def replace(self, old: str, new: str) -> None:
        """Change the configuration and reload; return when nothing is under way by the old one."""
        text = self.file.read_text()
        assert text.count(old) == 1
        self.file.write_text(text.replace(old, new))
        workers = psutil.Process(self.process.pid).children()
        subprocess.run(self.command("-s", "reload"), check=True)
        psutil.wait_procs(workers, timeout=30)
        assert not any(worker.is_running() for worker in workers)

    def leave_out(self, port: int) -> None:
        """Send nothing more to this web process."""
        self.replace(f":{port};", f":{port} down;")

    def take_in(self, port: int) -> None:
        """Send requests to it again."""
        self.replace(f":{port} down;", f":{port};")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)

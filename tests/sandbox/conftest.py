"""Real sandbox processes on free ports, emptied for every test."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from tests.sandbox.parties import (
    Application,
    Mailbox,
    WeCom,
    answers,
    eventually,
    free_port,
    handler_for,
    start,
    stop,
    wecom_environment,
)


@pytest.fixture(scope="session")
def running_application() -> Iterator[Application]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    application = Application(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = handler_for(application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield application
    server.shutdown()


@pytest.fixture(scope="session")
def running_wecom(running_application: Application, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WeCom]:
    port = free_port()
    environment = wecom_environment(tmp_path_factory.mktemp("wecom"), port, running_application.url)
    process = start("sandbox.wecom", environment)
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: answers(f"{url}/healthz") or process.poll() is not None)
    assert process.poll() is None, process.stderr.read()
    yield WeCom(url)
    stop(process)


@pytest.fixture
def application(running_application: Application) -> Application:
    running_application.reset()
    return running_application


@pytest.fixture
def wecom(running_wecom: WeCom, application: Application) -> WeCom:
    """Empty chats, no fault switches, a valid token."""
    requests.post(f"{running_wecom.url}/sandbox/forget", timeout=10).raise_for_status()
    running_wecom.token = running_wecom.log_in()
    return running_wecom


@pytest.fixture
def card() -> dict[str, Any]:
    """A complete approval card."""
    return {
        "card_type": "button_interaction",
        "source": {"desc": "工单审批", "desc_color": 1},
        "main_title": {"title": "采购申请 T-42", "desc": "第 1 步：部门主管"},
        "quote_area": {"type": 0, "title": "将要执行", "quote_text": "service.restart"},
        "sub_title_text": "申请人：王五",
        "horizontal_content_list": [
            {"keyname": "金额", "value": "¥1,200.00"},
            {"keyname": "详情", "value": "打开", "type": 1, "url": "https://app.example.com/t/42"},
        ],
        "task_id": f"task-{time.time_ns()}",
        "card_action": {"type": 1, "url": "https://app.example.com/t/42"},
        "button_list": [
            {"text": "同意", "style": 1, "key": "approve"},
            {"text": "驳回", "style": 2, "key": "reject"},
            {"type": 1, "text": "查看", "style": 4, "url": "https://app.example.com/t/42"},
        ],
    }


@pytest.fixture(scope="session")
def running_mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    http_port, smtp_port = free_port(), free_port()
    environment = {
        "MAILBOX_HTTP_PORT": str(http_port),
        "MAILBOX_SMTP_PORT": str(smtp_port),
        "MAILBOX_HOME": str(tmp_path_factory.mktemp("mailbox")),
    }
    process = start("sandbox.mailbox", environment)
    url = f"http://127.0.0.1:{http_port}"
    eventually(lambda: answers(f"{url}/healthz") or process.poll() is not None)
    assert process.poll() is None, process.stderr.read()
    yield Mailbox(url, smtp_port)
    stop(process)


@pytest.fixture
def mailbox(running_mailbox: Mailbox) -> Mailbox:
    requests.delete(f"{running_mailbox.url}/mailbox/messages", timeout=10).raise_for_status()
    requests.delete(f"{running_mailbox.url}/mailbox/faults", timeout=10).raise_for_status()
    return running_mailbox

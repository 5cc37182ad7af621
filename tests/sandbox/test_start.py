"""Start, refusal to start, stop, and restart."""

import signal
import time

import psutil
import pytest
import requests

from tests.sandbox.parties import (
    WeCom,
    answers,
    eventually,
    free_port,
    start,
    stop,
    wecom_environment,
)

APPLICATION = "http://127.0.0.1:9"


def mailbox_environment(home, http_port=None, smtp_port=None):
    return {
        "MAILBOX_HOME": str(home),
        "MAILBOX_HTTP_PORT": str(http_port or free_port()),
        "MAILBOX_SMTP_PORT": str(smtp_port or free_port()),
    }


def complaint(module, environment) -> str:
    process = start(module, environment)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 1
    assert out == ""
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"WECOM_SECRET": ""}, "WECOM_SECRET is not set"),
        ({"WECOM_CORP_ID": "12"}, "WECOM_CORP_ID must be"),
        ({"WECOM_AGENT_ID": "x"}, "WECOM_AGENT_ID must be"),
        ({"WECOM_TOKEN": "a b"}, "WECOM_TOKEN must be"),
        ({"WECOM_AES_KEY": "short"}, "WECOM_AES_KEY must be"),
        ({"WECOM_CONTACT_SECRET": "app-secret"}, "WECOM_CONTACT_SECRET must differ"),
        ({"SANDBOX_PORT": "99999"}, "SANDBOX_PORT must be"),
        ({"SANDBOX_DIRECTORY": "/nowhere.yaml"}, "SANDBOX_DIRECTORY cannot be read"),
        ({"SANDBOX_TRUSTED_ORIGIN": "example.com"}, "SANDBOX_TRUSTED_ORIGIN must be"),
        ({"SANDBOX_CALLBACK_URL": "ftp://x"}, "SANDBOX_CALLBACK_URL must be"),
        ({"WECOM_API_BASE": "https://qyapi.weixin.qq.com"}, "names the real WeCom"),
        ({"WECOM_API_BASE": "https://QYAPI.weixin.qq.com.:443/cgi-bin/"}, "names the real WeCom"),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path, change, says):
    environment = wecom_environment(tmp_path, free_port(), APPLICATION) | change
    assert says in complaint("sandbox.wecom", environment)


def test_without_a_callback_address_there_are_no_callback_cards(tmp_path, card):
    port = free_port()
    environment = wecom_environment(tmp_path, port, APPLICATION) | {"SANDBOX_CALLBACK_URL": ""}
    process = start("sandbox.wecom", environment)
    wecom = WeCom(f"http://127.0.0.1:{port}")
    eventually(lambda: answers(f"{wecom.url}/healthz"))
    wecom.token = wecom.log_in()
    assert wecom.send(card)["errcode"] == 43012
    stop(process)


@pytest.mark.parametrize("module", ["sandbox.wecom", "sandbox.mailbox"])
@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_at_once_and_frees_its_port(tmp_path, module, name):
    port = free_port()
    settings = (
        wecom_environment(tmp_path, port, APPLICATION)
        if module == "sandbox.wecom"
        else mailbox_environment(tmp_path, port)
    )
    began = time.monotonic()
    process = start(module, settings)
    eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
    assert time.monotonic() - began < 30
    with requests.Session() as session:  # a browser's open connection must not hold it up
        session.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
        children = psutil.Process(process.pid).children(recursive=True)
        asked = time.monotonic()
        process.send_signal(name)
        process.communicate(timeout=30)
        assert time.monotonic() - asked < 4
    assert process.returncode == 0
    assert children == []
    again = start(module, settings)
    eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
    stop(again)


def test_a_taken_port_is_one_line(tmp_path):
    port, smtp_port = free_port(), free_port()
    first = start("sandbox.mailbox", mailbox_environment(tmp_path, port, smtp_port))
    eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
    wecom = wecom_environment(tmp_path, port, APPLICATION)
    assert f"port {port} is taken" in complaint("sandbox.wecom", wecom)
    assert f"port {port} is taken" in complaint("sandbox.mailbox", mailbox_environment(tmp_path, port))
    taken = mailbox_environment(tmp_path, smtp_port=smtp_port)
    assert f"port {smtp_port} is taken" in complaint("sandbox.mailbox", taken)
    stop(first)


def test_chats_and_codes_survive_a_kill(tmp_path, card):
    port = free_port()
    environment = wecom_environment(tmp_path, port, APPLICATION)
    wecom = WeCom(f"http://127.0.0.1:{port}")
    process = start("sandbox.wecom", environment)
    eventually(lambda: answers(f"{wecom.url}/healthz"))
    wecom.token = wecom.log_in()
    code = wecom.send(card)["response_code"]
    process.kill()
    process.communicate(timeout=5)
    process = start("sandbox.wecom", environment)
    eventually(lambda: answers(f"{wecom.url}/healthz"))
    assert wecom.inbox("bob")[0]["card"] == card
    body = {"agentid": 1000002, "response_code": code, "atall": 1, "button": {"replace_name": "好"}}
    assert wecom.post("message/update_template_card", body)["errcode"] == 0
    stop(process)

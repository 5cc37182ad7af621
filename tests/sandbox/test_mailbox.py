"""The mailbox over real SMTP."""

import smtplib
from email.message import EmailMessage

import pytest
import requests

LINK = "http://127.0.0.1:8000/tickets/CHG-1?a=1&b=2"


def mail(to: str = "bob@example.com", subject: str = "轮到你：服务重启") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "接力 <baton@example.com>", to, subject
    message.set_content(f"heidi 申请重启。\n打开 {LINK}\n")
    message.add_alternative(f'<p>heidi <a href="{LINK.replace("&", "&amp;")}">打开</a></p>', subtype="html")
    return message


def send(mailbox, message: EmailMessage) -> dict:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as server:
        return server.send_message(message)


def test_a_mail_arrives_whole(mailbox):
    message = mail()
    message.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="月报.xlsx")
    send(mailbox, message)
    [summary] = mailbox.messages()
    assert (summary["from"], summary["to"]) == ("baton@example.com", ["bob@example.com"])
    one = mailbox.message(summary["id"])
    assert one["subject"] == "轮到你：服务重启"
    assert one["text"] == f"heidi 申请重启。\n打开 {LINK}\n"
    assert "<p>heidi" in one["html"]
    assert one["links"] == [LINK]
    assert ["Subject", "轮到你：服务重启"] in one["headers"]
    assert one["attachments"] == [{"name": "月报.xlsx", "content_type": "application/zip", "size": 4}]
    content = requests.get(f"{mailbox.url}/mail/{summary['id']}/file/0", timeout=10).content
    assert content == b"PK\x03\x04"


def test_newest_first_and_by_recipient(mailbox):
    send(mailbox, mail("bob@example.com", "one"))
    send(mailbox, mail("carol@example.com, bob@example.com", "two"))
    send(mailbox, mail("carol@example.com", "three"))
    assert [m["subject"] for m in mailbox.messages()] == ["three", "two", "one"]
    assert [m["subject"] for m in mailbox.messages("BOB@example.com")] == ["two", "one"]
    requests.delete(f"{mailbox.url}/mailbox/messages", timeout=10)
    assert mailbox.messages() == []


@pytest.mark.parametrize(("code", "at"), [(451, "data"), (550, "data"), (450, "rcpt"), (550, "rcpt")])
def test_refusals(mailbox, code, at):
    mailbox.faults(code=code, at=at)
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused)) as refused:
        send(mailbox, mail())
    assert str(code) in str(refused.value)
    assert mailbox.messages() == []
    send(mailbox, mail())
    assert len(mailbox.messages()) == 1


def test_a_mail_can_arrive_without_anybody_saying_so(mailbox):
    mailbox.faults(drop=True)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mailbox, mail())
    assert len(mailbox.messages()) == 1


def test_a_slow_server(mailbox):
    mailbox.faults(slow_s=5)
    with (
        pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)),
        smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=0.3) as server,
    ):
        server.send_message(mail())
    assert mailbox.messages() == []


@pytest.mark.parametrize("switches", [{"code": 200}, {"at": "helo"}, {"slow_s": -1}, {"times": 0}, {"typo": 1}])
def test_a_wrong_switch_is_refused(mailbox, switches):
    assert mailbox.faults(**switches).status_code == 400


def test_html_of_a_mail_is_caged(mailbox):
    message = mail(subject="<script>alert(1)</script>")
    message.get_body(("html",)).set_content("<script>alert(1)</script><b>hi</b>", subtype="html")
    send(mailbox, message)
    mail_id = mailbox.messages()[0]["id"]
    policy = requests.get(f"{mailbox.url}/mail/{mail_id}/html", timeout=10).headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    for path in ("/", f"/mail/{mail_id}"):
        answer = requests.get(mailbox.url + path, timeout=10)
        assert "<script>alert" not in answer.text
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe no header",
        b"Subject: =?utf-8?b?!!!?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xe5\xb7",
    ],
)
def test_odd_mails_still_show(mailbox, raw):
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as server:
        server.sendmail("a@example.com", ["b@example.com"], raw)
    mail_id = mailbox.messages()[0]["id"]
    assert mailbox.message(mail_id)["to"] == ["b@example.com"]
    assert requests.get(f"{mailbox.url}/mail/{mail_id}", timeout=10).status_code == 200
    assert requests.get(mailbox.url, timeout=10).status_code == 200


@pytest.mark.browser
def test_the_page_shows_a_mail_that_arrives(mailbox, browser):
    page = browser.new_page()
    page.goto(mailbox.url)
    page.get_by_text("没有邮件。").wait_for()
    send(mailbox, mail())
    page.get_by_role("link", name="轮到你：服务重启").click()
    assert page.get_by_role("heading").inner_text() == "轮到你：服务重启"
    frame = page.frame_locator("iframe")
    link = frame.get_by_role("link", name="打开")
    link.wait_for()
    assert link.get_attribute("href") == LINK
    page.get_by_text("源文件").click()
    assert "MIME-Version: 1.0" in page.locator("#source").inner_text()
    page.close()

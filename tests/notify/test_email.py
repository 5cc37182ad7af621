"""Mail over a real SMTP server, checked by parsing what arrived."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from notify.channels.email import build
from notify.models import Delivery
from notify.sending import deliver as module
from notify.sending.sweep import sweep
from tests.hostile import CODE, CONTROL, HEADER, LONG, SCRIPT, SHAPE
from tests.notify.world import TEMPLATE, decide_on_web, let_stand_in, publish, submit
from tickets.background.dispatch import dispatch
from tickets.commands import talk

pytestmark = pytest.mark.django_db(transaction=True)
HOSTILE = {**SCRIPT, **HEADER, **CODE, **SHAPE, **CONTROL, "long": LONG["one_word"]}


@pytest.fixture(autouse=True)
def _mail_only(settings):
    settings.WECOM_ENABLED = False


def make_due() -> None:
    module.end_pauses()
    Delivery.objects.filter(state__in=["queued", "failed"]).update(due_at=timezone.now() - timedelta(seconds=1))


def deliver_all() -> None:
    dispatch()
    sweep()


class Page(HTMLParser):
    """The tags, the links and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        values = dict(attrs)
        self.links += [values[name] for name in ("href", "src") if name in values]
        assert not [name for name in values if name.startswith("on")]

    def handle_data(self, data):
        self.words += data


OURS = {"html", "head", "meta", "title", "style", "body", "table", "tr", "td", "h1", "h2", "p", "a"}


def test_an_assignee_gets_a_mail_with_a_link(mail, template, people):
    ticket = submit(people["alice"])
    deliver_all()
    (found,) = [m for m in mail.mails if m["To"] == "bob@example.com"]
    assert found["Subject"] == f"[{ticket.number}] Please decide: Three days off"
    link = f"http://127.0.0.1:8000/tickets/{ticket.number}"
    assert link in found.get_body(("plain",)).get_content()
    assert Page(found.get_body(("html",)).get_content()).links == [link]


def test_a_proxy_is_told_for_whom(mail, template, people):
    let_stand_in(people["bob"], people["carol"])
    submit(people["alice"])
    deliver_all()
    (found,) = [m for m in mail.mails if m["To"] == "carol@example.com"]
    assert "You act for: Bob" in found.get_body(("plain",)).get_content()
    assert "For Bob: Please decide: Three days off" in found["Subject"]


@pytest.mark.parametrize("name", HOSTILE)
def test_A43_A45_A28_hostile_text_is_only_text(mail, template, people, name):
    text = HOSTILE[name]
    ticket = submit(people["alice"], title=text[:200] or "x", why="x")
    talk.comment(number=ticket.number, actor=people["bob"], at=timezone.now(), text=text)
    deliver_all()
    assert Delivery.objects.filter(kind="email").exclude(state="sent").count() == 0
    assert mail.recipients
    for found, recipients in zip(mail.mails, mail.recipients, strict=True):
        assert recipients == [found["To"]]
        names = sorted(key.lower() for key, _value in found.items())
        assert names == sorted(
            ["subject", "from", "to", "date", "message-id", "auto-submitted", "mime-version", "content-type"]
        )
        assert found["Bcc"] is None
        assert len(found["Subject"].strip()) <= 150  # folding may add a blank
        assert sorted(part.get_content_type() for part in found.iter_parts()) == ["text/html", "text/plain"]
        page = Page(found.get_body(("html",)).get_content())
        assert page.tags == OURS
        assert page.links == [f"http://127.0.0.1:8000/tickets/{ticket.number}"]
        plain = found.get_body(("plain",)).get_content()
        assert not set(plain) & set("\x00\x07\x1b\u202e\u200b\u2066")


def test_A28_placeholders_in_texts_stay_as_they_are(mail, template, people):
    ticket = submit(people["alice"], title="{{ 7*7 }} %(actor)s {title}")
    deliver_all()
    assert f"[{ticket.number}] Please decide: {{{{ 7*7 }}}} %(actor)s {{title}}" == mail.mails[0]["Subject"]


def test_A39_what_an_author_writes_is_no_template(mail, people):
    name = "{{ mail }} {% now 'Y' %} %(actor)s {title} ${x}"
    publish(text=TEMPLATE.replace("en: Leave", f'en: "{name} leave"').replace("en: Leader", f'en: "{name} leader"'))
    ticket = submit(people["alice"])
    decide_on_web(ticket, people["bob"])
    deliver_all()
    sent = [(Page(found.get_body(("html",)).get_content()).words, found) for found in mail.mails]
    assert sent
    for words, found in sent:
        for text in (words, found.get_body(("plain",)).get_content()):
            assert f"{name} leave" in text
    assert any(f"{name} leader" in words for words, _found in sent)


def test_A45_a_forged_address_is_refused_for_good(mail, template, people):
    submit(people["alice"])
    people["bob"].email = "bob@example.com\nBcc: everyone@evil.example"
    people["bob"].save()
    people["dave"].email = "dave@example.com, eve@evil.example"
    people["dave"].save()
    deliver_all()
    assert mail.mails == []
    states = Delivery.objects.filter(kind="email").values_list("state", "last_error")
    assert set(states) == {("dead", "the recipient has no valid mail address")}


@pytest.mark.parametrize("reply", ["451 try later", "421 closing"])
def test_F26_a_temporary_refusal_is_tried_again_with_the_same_message_id(mail, template, people, reply):
    people["dave"].email = ""
    people["dave"].save()
    mail.accept_then_fail = True  # the mail is taken, then the answer says it was not
    submit(people["alice"])
    deliver_all()
    delivery = Delivery.objects.get(kind="email")
    assert delivery.state == "failed"
    mail.accept_then_fail = False
    make_due()
    sweep()
    delivery = Delivery.objects.get(kind="email")
    assert (delivery.state, delivery.attempts) == ("sent", 2)
    first, second = mail.mails
    assert first["Message-ID"] == second["Message-ID"] == delivery.receipt


@pytest.mark.parametrize(("code", "state"), [("451", "failed"), ("452", "failed"), ("550", "dead"), ("554", "dead")])
@pytest.mark.parametrize("where", ["replies", "rcpt_replies"])
def test_F26_4xx_is_tried_again_and_5xx_is_not(mail, template, people, *, code, state, where):
    people["dave"].email = ""
    people["dave"].save()
    setattr(mail, where, [f"{code} no"])
    submit(people["alice"])
    deliver_all()
    delivery = Delivery.objects.get(kind="email")
    assert delivery.state == state
    assert code in delivery.last_error


def test_F26_a_hung_mail_server_is_left_after_the_time_limit(mail, template, people):
    mail.hang = True
    submit(people["alice"])
    deliver_all()
    states = sorted(Delivery.objects.filter(kind="email").values_list("state", "attempts"))
    assert states == [("failed", 1), ("queued", 0)]


def test_F26_no_mail_server_at_all(mail, template, people, settings):
    settings.EMAIL_PORT = 9
    submit(people["alice"])
    deliver_all()
    assert Delivery.objects.filter(kind="email", state="failed", last_error__contains="Refused").count() == 1
    settings.EMAIL_PORT = mail.port
    make_due()
    sweep()
    assert sorted(m["To"] for m in mail.mails) == ["bob@example.com", "dave@example.com"]


def test_two_deliveries_have_two_message_ids(template, people):
    submit(people["alice"])
    dispatch()
    ids = {build(d).extra_headers["Message-ID"] for d in Delivery.objects.filter(kind="email")}
    assert len(ids) == 2

"""Form values in cards, messages and mails: labels and names instead of keys, the important ones, no hidden ones."""

import pytest
from django.utils import timezone, translation

from accounts.models import Department, User
from notify.channels.email import build
from notify.channels.wecom_card import _card_of
from notify.channels.wecom_text import text_card
from notify.models import Delivery
from notify.texts.contents import contents
from notify.wecom import cards
from templates_engine.store.commands import import_template
from tests.notify.world import decide_on_web, happen, let_stand_in
from tickets.background.dispatch import dispatch
from tickets.commands import submit as submitting
from tickets.commands.decide import decide
from tickets.models import ApprovalTask, Ticket

pytestmark = pytest.mark.django_db
TEMPLATE = """
apiVersion: baton/v1
kind: TicketTemplate
key: expense
name: {zh: 报销, en: Expense}
number_prefix: EXP
SUMMARY
form:
  - {key: note, type: text, label: {zh: 备注, en: Note}}
  - key: kind
    type: select
    label: {zh: 类型, en: Kind}
    options: [{value: annual, label: {zh: 年假, en: Annual}}]
  - {key: unit, type: department, label: {zh: 部门, en: Unit}}
  - {key: who, type: user, label: {zh: 代班, en: Cover}}
  - {key: paid, type: switch, label: {zh: 带薪, en: Paid}}
  - {key: day, type: date, label: {zh: 日期, en: Day}}
  - {key: sum, type: money, label: {zh: 金额, en: Sum}}
  - {key: account, type: text, label: {zh: 账号, en: Account}, hidden_at: [leader]}
  - {key: why, type: textarea, label: {zh: 原因, en: Why}}
chain:
  - {node: leader, type: approval, name: {zh: 主管, en: Leader}, approvers: [{user: bob}]}
  - {node: head, type: approval, name: {zh: 负责人, en: Head}, approvers: [{user: dave}]}
"""
FORM = {
    "note": "n", "kind": "annual", "unit": "platform", "who": "carol", "paid": True, "day": "2026-12-01",
    "sum": 12345.6, "account": "6222-0001", "why": "family <b>matters</b>",
}  # fmt: skip


@pytest.fixture
def expense(people) -> Ticket:
    return hand_in(people)


def hand_in(people, summary: str = "") -> Ticket:
    now = timezone.now()
    text = TEMPLATE.replace("SUMMARY\n", f"summary: [{summary}]\n" if summary else "")
    import_template(text=text, actor=None, at=now, publish_it=True)
    User.objects.filter(username="bob").update(language="zh-hans")
    ticket = submitting.create(template="expense", form=FORM, actor=people["alice"], at=now, title="Pay me")
    dispatch()
    return ticket


def rows_of(name: str) -> dict[str, str]:
    delivery = Delivery.objects.filter(kind="wecom_card", recipient__username=name).latest("pk")
    body = cards.face(_card_of(delivery)).body
    return {row["keyname"]: row["value"] for row in body["horizontal_content_list"]} | {"": body["sub_title_text"]}


def mail_to(name: str, kind: str = "") -> tuple[str, str]:
    """(plain text, HTML) of this person's newest mail."""
    found = Delivery.objects.filter(kind="email", recipient__username=name, event__kind__contains=kind)
    mail = build(found.select_related("recipient").latest("pk"))
    return str(mail.body), str(mail.alternatives[0][0])


def test_a_card_shows_labels_and_what_tells_most(expense):
    assert rows_of("bob") == {
        "模板": "报销", "申请人": "Alice · 平台组", "金额": "¥12,345.60", "日期": "2026年12月1日", "类型": "年假",
        "代班": "Carol", "": "原因: family <b>matters</b>",
    }  # fmt: skip


def test_the_templates_summary_decides_what_a_card_shows(people):
    hand_in(people, "paid, unit")
    assert rows_of("bob") == {
        "模板": "报销", "申请人": "Alice · 平台组", "带薪": "是", "部门": "平台组", "": "原因: family <b>matters</b>",
    }  # fmt: skip


def test_a_message_shows_the_fields_that_matter(expense, people):
    happen(expense, "ticket.commented", people["dave"], text="ok?")
    dispatch()
    delivery = Delivery.objects.get(kind="wecom_text", recipient=people["alice"])
    with translation.override("en"):
        lines = text_card(delivery)["textcard"]["description"].split("\n")
    assert lines[1:] == [
        f"Ticket: {expense.number}", "Template: Expense", "Applicant: Alice · 平台组", "Dave: ok?",
        "Sum: CN¥12,345.60", "Day: Dec 1, 2026", "Kind: Annual",
    ]  # fmt: skip


def test_a_mail_carries_the_form_in_the_readers_words(expense):
    text, html = mail_to("bob")
    for said in ("类型: 年假", "部门: 平台组", "代班: Carol", "带薪: 是", "日期: 2026年12月1日", "金额: ¥12,345.60"):
        assert said in text
    for key in ("annual", "platform", "12345.6", "True", "摘要", "digest"):
        assert key not in text
    assert "family <b>matters</b>" in text
    assert "family &lt;b&gt;matters&lt;/b&gt;" in html


def test_I23_a_mail_and_a_card_hide_what_the_page_hides(expense, people):
    assert "6222-0001" not in "".join(mail_to("bob"))
    assert "6222-0001" not in str(rows_of("bob"))
    decide_on_web(expense, people["bob"])
    dispatch()
    assert "账号" not in mail_to("bob")[0]
    assert "Account: 6222-0001" in mail_to("dave", "assigned")[0]
    let_stand_in(people["bob"], people["carol"])
    assert [said.key for said in contents(expense, people["carol"]).form if said.key == "account"] == []


def test_a_mail_says_who_decided_what(expense, people):
    let_stand_in(people["bob"], people["carol"])
    task = ApprovalTask.objects.get(ticket=expense, assignee=people["bob"])
    now = timezone.now()
    decide(task_id=task.pk, verb="approve", actor=people["carol"], at=now, channel="web", comment="because")
    dispatch()
    text = mail_to("dave", "assigned")[0]
    (line,) = [line for line in text.split("\n") if line.startswith("Leader: ")]
    assert line.startswith("Leader: Carol for Bob · Approved · ")
    assert "\nbecause\n" in text


def test_who_may_no_longer_see_it_reads_the_news_alone(expense, people):
    gone = User.objects.create(username="gone", name="Gone", email="g@example.com", language="en")
    event = happen(expense, "ticket.copied", people["alice"], users=["gone"])
    now = timezone.now()
    Delivery.objects.create(event=event, recipient=gone, kind="email", created_at=now, due_at=now)
    text = mail_to("gone")[0]
    assert "For your information: Pay me" in text
    assert "12,345.60" not in text


def test_a_department_that_is_gone_is_said_by_its_key(expense, people):
    Department.objects.filter(key="platform").update(name="New name")
    assert rows_of("bob")["申请人"] == "Alice · New name"

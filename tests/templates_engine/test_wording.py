"""A filled-in form as text, in both languages."""

from typing import Any, cast

import pytest
from django.utils import translation

from accounts.models import Department, User
from templates_engine.fields.names import Names
from templates_engine.forms.wording import Said, in_words, names_in, value_in_words

KINDS = [{"value": "annual", "label": {"zh": "年假", "en": "Annual"}}, "other"]
ROOMS = [{"value": "sh", "label": {"zh": "上海", "en": "Shanghai"}, "children": [{"value": "r1"}]}]
NAMES = Names({"user": {"bob": "Bob"}, "department": {"platform": "平台组"}, "attachment": {"a" * 32: "note.pdf"}})
COLUMNS = [
    {"key": "item", "type": "text", "label": {"zh": "物品", "en": "Item"}},
    {"key": "price", "type": "money", "label": {"zh": "单价", "en": "Price"}},
]


@pytest.mark.parametrize(
    ("field", "value", "zh", "en"),
    [
        ({"type": "select", "options": KINDS}, "annual", "年假", "Annual"),
        ({"type": "radio", "options": KINDS}, "other", "other", "other"),
        ({"type": "multiselect", "options": KINDS}, ["annual", "other"], "年假、other", "Annual, other"),
        ({"type": "switch"}, True, "是", "Yes"),
        ({"type": "switch"}, False, "否", "No"),
        ({"type": "money"}, 12345.6, "¥12,345.60", "CN¥12,345.60"),
        ({"type": "money", "currency": "CHF", "precision": 0}, 1000000, "CHF 1,000,000", "CHF 1,000,000"),
        ({"type": "money"}, 999999999999.99, "¥999,999,999,999.99", "CN¥999,999,999,999.99"),
        ({"type": "number"}, 8080, "8080", "8080"),
        ({"type": "number", "precision": 1, "unit": "GB"}, 0.5, "0.5 GB", "0.5 GB"),
        ({"type": "number", "precision": 6}, 0.000001, "0.000001", "0.000001"),
        ({"type": "date"}, "2026-11-30", "2026年11月30日", "Nov 30, 2026"),
        ({"type": "datetime"}, "2026-11-30T20:30:00+00:00", "2026年12月1日 04:30", "Dec 1, 2026 04:30"),
        (
            {"type": "daterange"},
            {"start": "2026-12-01", "end": "2026-12-03"},
            "2026年12月1日 – 2026年12月3日 (3 天)",
            "Dec 1, 2026 – Dec 3, 2026 (3 days)",
        ),
        ({"type": "user"}, "bob", "Bob", "Bob"),
        ({"type": "users"}, ["bob", "gone"], "Bob、gone", "Bob, gone"),
        ({"type": "department"}, "platform", "平台组", "平台组"),
        ({"type": "hosts"}, ["db-1", "db-2"], "db-1、db-2", "db-1, db-2"),
        ({"type": "cascade", "options": ROOMS}, ["sh", "r1"], "上海 / r1", "Shanghai / r1"),
        ({"type": "attachment"}, ["a" * 32], "note.pdf", "note.pdf"),
        ({"type": "textarea"}, "two\nlines", "two\nlines", "two\nlines"),
        (
            {"type": "table", "columns": COLUMNS},
            [{"item": "desk", "price": 5}, {"item": "lamp"}],
            "物品: desk; 单价: ¥5.00\n物品: lamp",
            "Item: desk; Price: CN¥5.00\nItem: lamp",
        ),
        ({"type": "text"}, None, "", ""),
        ({"type": "users"}, [], "", ""),
    ],
)
def test_a_value_is_said_in_the_readers_language(field, value, zh, en):
    for language, expected in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert value_in_words(cast(Any, {"key": "x", "label": "X", **field}), value, NAMES) == expected


def test_a_form_is_said_in_its_order_without_what_is_empty_or_hidden():
    fields: list[Any] = [
        {"key": "why", "type": "text", "label": {"zh": "原因", "en": "Why"}},
        {"key": "none", "type": "text", "label": "None"},
        {"key": "pay", "type": "money", "label": "Pay"},
        {"key": "on", "type": "switch", "label": "On"},
    ]
    values = {"on": False, "why": "x", "pay": 5, "none": ""}
    with translation.override("en"):
        said = list(in_words(fields, values, Names(), hidden={"pay"}))
    assert said == [Said("why", "Why", "x"), Said("on", "On", "No")]


@pytest.mark.django_db
def test_names_come_from_the_organisation_in_one_statement_a_kind(django_assert_num_queries):
    User.objects.create(username="bob", name="Bob")
    Department.objects.create(key="platform", name="平台组")
    fields: list[Any] = [
        {"key": "who", "type": "user", "label": "Who"},
        {
            "key": "rows",
            "type": "table",
            "label": "Rows",
            "columns": [{"key": "d", "type": "department", "label": "D"}],
        },
        {"key": "text", "type": "text", "label": "Text"},
    ]
    with django_assert_num_queries(2):
        names = names_in(fields, [{"who": "bob", "text": "x"}, {"rows": [{"d": "platform"}]}])
    assert (names.of("user", "bob"), names.of("department", "platform"), names.of("user", "eve")) == (
        "Bob",
        "平台组",
        "eve",
    )
    with django_assert_num_queries(0):
        names_in(fields, [{"text": "x"}])

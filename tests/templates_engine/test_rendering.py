"""Nodes with all expressions evaluated, once and before approval (I15)."""

from datetime import UTC, datetime, timedelta

import pytest

from templates_engine.language.expressions import Facts
from templates_engine.program.program import build, compile_chain
from templates_engine.program.route import Unplannable, render, render_children, render_webhook, wait_until

FORM = [
    {"key": "hosts", "type": "hosts", "label": "H"},
    {"key": "n", "type": "number", "label": "N"},
    {"key": "word", "type": "text", "label": "W"},
    {"key": "at", "type": "datetime", "label": "A"},
    {"key": "day", "type": "date", "label": "D"},
]
AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def facts(**form) -> Facts:
    known = {"username": "alice", "name": "Alice", "department": "platform", "roles": ["sre"]}
    return Facts(form, known, {"priority": "normal", "title": "T"})


def program(**node):
    document = {"key": "t", "form": FORM, "chain": [{"node": "x", **node}]}
    return build(compile_chain(document), 1, document)


def failed_at(error) -> tuple[str, str]:
    return error.value.finding.code, error.value.finding.path


class TestAutomation:
    """Batches as authored."""

    def test_batch_and_failure_are_as_authored(self) -> None:
        node = {"type": "automation", "action": "a", "targets": "form.hosts", "params": {"s": "form.word", "k": 3}}
        plain = render(program(**node), "x", facts(hosts=["a"], word="w"))
        assert (plain.params, plain.hosts, plain.batch, plain.on_failure) == ({"s": "w", "k": 3}, ["a"], None, None)
        more = render(program(**node, batch=[1, "10%"], on_failure="continue"), "x", facts())
        assert (more.batch, more.on_failure) == ([1, "10%"], "continue")


class TestWebhook:
    """A literal URL, evaluated values, an empty field as null."""

    def body(self, given, **form):
        node = program(type="webhook", url="https://example.com/", body=given)
        answer = render_webhook(node, "x", facts(**form))
        assert answer["url"] == "https://example.com/"
        return answer["body"]

    def test_values(self) -> None:
        given = {"who": "applicant.username", "n": "form.n", "list": "form.hosts", "fixed": 3, "on": True, "nil": None}
        assert self.body(given, n=5, hosts=["a"]) == {
            "who": "alice", "n": 5, "list": ["a"], "fixed": 3, "on": True, "nil": None,
        }  # fmt: skip

    def test_what_json_cannot_say(self) -> None:
        given = {"at": "form.at", "map": "{'a': [timestamp('2026-01-01T00:00:00Z')]}", "for": "duration('90s')"}
        assert self.body(given, at="2026-11-21T09:00:00+08:00") == {
            "at": "2026-11-21T01:00:00+00:00", "map": {"a": ["2026-01-01T00:00:00+00:00"]}, "for": "0:01:30",
        }  # fmt: skip

    def test_an_empty_field_is_null(self) -> None:
        assert self.body({"n": " form.n ", "at": "form.at", "word": "form.word"}) == {
            "n": None,
            "at": None,
            "word": None,
        }

    def test_without_body(self) -> None:
        assert render_webhook(program(type="webhook", url="https://a.b"), "x", facts())["body"] == {}

    def test_what_fails_is_named(self) -> None:
        with pytest.raises(Unplannable) as error:
            self.body({"n": "form.n + 1"})
        assert failed_at(error) == ("expression_failed", "chain.x.body.n")


class TestWait:
    """Until a moment or for a while."""

    @pytest.mark.parametrize(
        ("written", "span"),
        [
            ("30s", timedelta(seconds=30)),
            ("5m", timedelta(minutes=5)),
            ("4h", timedelta(hours=4)),
            ("2d", timedelta(days=2)),
        ],
    )
    def test_for(self, written, span) -> None:
        assert wait_until(program(type="wait", **{"for": written}), "x", facts(), AT) == AT + span

    def test_until(self) -> None:
        waiting = program(type="wait", until="form.at")
        assert wait_until(waiting, "x", facts(at="2026-12-01T09:00:00+08:00"), AT) == datetime(
            2026, 12, 1, 1, tzinfo=UTC
        )
        assert wait_until(waiting, "x", facts(at="2020-12-01T09:00:00+08:00"), AT) < AT

    def test_an_empty_field_passes_at_once(self) -> None:
        assert wait_until(program(type="wait", until="form.at"), "x", facts(), AT) is None

    @pytest.mark.parametrize("until", ["form.at + duration('1h')", "[1][0] > 0 ? form.word : form.word"])
    def test_I26_no_time_is_no_pass(self, until) -> None:
        with pytest.raises(Unplannable) as error:
            wait_until(program(type="wait", until=until), "x", facts(), AT)
        assert failed_at(error) == ("expression_failed", "chain.x.until")


class TestChildren:
    """One child, or one for each element."""

    CHILD = [{"key": "day", "type": "date"}, {"key": "at", "type": "datetime"}]

    def children(self, values, child_form=None, **node):
        walked = program(type="subticket", template="leave", **node)
        return render_children(walked, "x", facts(**values), child_form)

    def test_one_child(self) -> None:
        assert self.children({"n": 3, "word": "w"}, title="form.word", form={"days": "form.n", "fixed": 7}) == [
            {"template": "leave", "title": "w", "form": {"days": 3, "fixed": 7}}
        ]
        assert self.children({}) == [{"template": "leave", "title": "", "form": {}}]

    def test_one_for_each(self) -> None:
        found = self.children(
            {"hosts": ["a", "b"], "n": 2},
            for_each="form.hosts",
            title="'Host ' + item",
            form={"h": "item", "n": "form.n"},
        )
        assert found == [
            {"template": "leave", "title": "Host a", "form": {"h": "a", "n": 2}},
            {"template": "leave", "title": "Host b", "form": {"h": "b", "n": 2}},
        ]

    @pytest.mark.parametrize(
        ("for_each", "source", "values"),
        [
            ("[1, 2]", "item * 2", [2, 4]),
            ("[1.5]", "item", [1.5]),
            ("[[1, 2], []]", "size(item)", [2, 0]),
            ("form.hosts.map(h, {'name': h})", "item.name", ["a", "b"]),
            ("[true]", "item ? 'y' : 'n'", ["y"]),
            ("[]", "string(item)", []),
            ("[1, 'a']", "string(item)", ["1", "a"]),
            ("[form.at]", "item", ["2026-11-21T01:00:00+00:00"]),
        ],
    )
    def test_items_keep_their_type(self, for_each, source, values) -> None:
        given = {"hosts": ["a", "b"], "at": "2026-11-21T09:00:00+08:00"}
        assert [c["form"]["v"] for c in self.children(given, for_each=for_each, form={"v": source})] == values

    def test_nothing_to_do_for_each(self) -> None:
        assert self.children({}, for_each="form.hosts", form={"h": "item"}) == []

    def test_an_empty_field_is_left_out(self) -> None:
        assert self.children({}, form={"n": "form.n", "at": " form.at"})[0]["form"] == {}

    def test_times_become_what_the_childs_field_takes(self) -> None:
        values = {"day": "2026-11-21", "at": "2026-11-20T22:00:00+08:00"}
        (child,) = self.children(values, self.CHILD, form={"day": "form.day", "at": "form.at"})
        assert child["form"] == {"day": "2026-11-21", "at": "2026-11-20T22:00:00+08:00"}
        (child,) = self.children(values, self.CHILD, form={"day": "form.at"})
        assert child["form"] == {"day": "2026-11-20"}

    def test_a_title_is_one_short_line(self) -> None:
        (child,) = self.children({}, title="'a\\nb  c' + '" + "x" * 300 + "'")
        assert child["title"].startswith("a b c")
        assert len(child["title"]) == 200

    def test_I12_at_most_100_children(self) -> None:
        hosts = [f"h{i}" for i in range(101)]
        assert len(self.children({"hosts": hosts[:100]}, for_each="form.hosts")) == 100
        with pytest.raises(Unplannable) as error:
            self.children({"hosts": hosts}, for_each="form.hosts")
        assert failed_at(error) == ("too_many_children", "chain.x.for_each")

    def test_what_fails_is_named(self) -> None:
        with pytest.raises(Unplannable) as error:
            self.children({"hosts": ["x"]}, for_each="form.hosts", form={"n": "int(item)"})
        assert failed_at(error) == ("expression_failed", "chain.x.form.n")
        with pytest.raises(Unplannable) as error:
            self.children({}, for_each="'n' in filled ? [form.n] : [1 / 0]")
        assert failed_at(error) == ("expression_failed", "chain.x.for_each")

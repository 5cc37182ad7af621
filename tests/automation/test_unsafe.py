"""Values passed to Ansible (A27, A28)."""

import pytest

from automation.executors.ansible.unsafe import wrap
from automation.executors.ansible.workspace import connection_of, root_of
from automation.values import faults, visible
from tickets.models.content import Target


def test_A28_every_text_at_any_depth_is_marked_as_data() -> None:
    value = {"a": "{{ x }}", "b": [1, "two", {"c": ["three", None, True, 1.5]}]}
    marked = {
        "a": {"__ansible_unsafe": "{{ x }}"},
        "b": [
            1,
            {"__ansible_unsafe": "two"},
            {"c": [{"__ansible_unsafe": "three"}, None, True, 1.5]},
        ],
    }
    assert wrap(value) == marked


@pytest.mark.parametrize("key", ["__ansible_unsafe", "__ansible_vault", "a-b", "1a", "", "é", "a b", "{{a}}", "a\n"])
def test_A29_keys_that_could_mean_more_are_refused_at_any_depth(key: str) -> None:
    with pytest.raises(ValueError, match="cannot be a key"):
        wrap({"list": [{key: "x"}]})
    assert [found["code"] for found in faults({"list": [{key: "x"}]}, "p")] == ["bad_key"]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udc00"])
def test_A27_nul_and_broken_characters_are_found(text: str) -> None:
    assert next(faults({"a": ["ok", text]}, "p"))["path"] == "p.a[1]"


def test_A27_hidden_and_reordering_characters_are_made_visible() -> None:
    assert visible("a\u202eb\u200bc\x1b\ufeff\U000e0041") == "a\\u202eb\\u200bc\\u001b\\ufeff\\U000e0041"
    assert visible("nginx 重启 é 👍") == "nginx 重启 é 👍"


def target(name: str = "web-01", address: str = "root@10.0.0.1:22", connection: str = "ssh") -> Target:
    return {"name": name, "address": address, "connection": connection}


def test_a_frozen_target_becomes_the_way_to_it() -> None:
    assert connection_of(target(address="deploy@[fe80::1]:2222")) == {
        "ansible_connection": "ssh",
        "ansible_host": "fe80::1",
        "ansible_port": 2222,
        "ansible_user": "deploy",
        "ansible_become": True,
        "ansible_become_user": "root",
        "ansible_become_method": "sudo",
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    assert not connection_of(target())["ansible_become"]


@pytest.mark.parametrize(
    "bad",
    [
        target(name="all"),
        target(name="../x", connection="local"),
        target(address="-oProxyCommand=id@h:22"),
        target(address="root@-oProxyCommand=id:22"),
        target(address="root@{{ lookup('pipe','id') }}:22"),
        target(address="root@h:22\n"),
        target(address="h"),
    ],
)
def test_A29_a_target_that_could_mean_more_is_refused(bad) -> None:
    with pytest.raises(ValueError, match="is not the"):
        connection_of(bad)


def test_A29_a_local_target_is_its_own_folder(home) -> None:
    assert root_of(target(connection="local")) == str(home / "hosts/web-01")
    assert root_of(target()) == ""

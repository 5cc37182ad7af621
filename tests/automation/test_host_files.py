"""Host files as saved by Excel, WPS and editors, and hosts that appear twice."""

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from automation.inventory.decoding import decode
from automation.inventory.parse import guess, parse
from automation.inventory.problems import Unreadable
from automation.models import Host
from common.errors import Problem
from tests.automation.world import import_text
from tickets.errors import Invalid


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


ROWS = [["name", "address", "port", "groups"], ["web-01", "10.0.0.1", "22", "web"], ["web-02", "10.0.0.2", "", ""]]
WANTED = [("web-01", "10.0.0.1", 22, ["web"]), ("web-02", "10.0.0.2", 22, [])]


def table(separator: str = ",", end: str = "\r\n", blank: int = 0) -> str:
    rows = [*ROWS, *([""] * 4 for _ in range(blank))]
    return "".join(separator.join(row) + end for row in rows)


def found(text: str) -> list[tuple]:
    assert guess(text) == "csv"
    return [(entry.name, entry.address, entry.port, entry.groups) for entry in parse(text, "csv").entries]


def refused(text: str, kind: str = "csv") -> list[Problem]:
    with pytest.raises(Unreadable) as error:
        parse(text, kind)
    return error.value.errors


@pytest.mark.parametrize(
    "raw",
    [
        table().encode(),
        table(blank=3).encode(),  # Excel keeps the rows that somebody emptied
        table(blank=1, end="\r").encode(),  # for Macintosh
        table().encode("utf-8-sig"),  # "CSV UTF-8"
        table(";", blank=2).encode("utf-8-sig"),  # where the comma is the decimal sign
        ("sep=;\r\n" + table(";")).encode(),
        table("\t", blank=2).encode("utf-16"),  # "Unicode text"
        table("\t").encode("utf-16-le"),
        table("\t").encode("utf-16-be"),
        ("\r\n,,,\r\n" + table()).encode(),
        table().replace("name,", " Name ,").encode(),
        table().replace("\r\n", ",\r\n").encode(),  # a column that was emptied
        table().replace("web\r\n", '"web"\r\n').encode(),
    ],
    ids=["plain", "blank-rows", "cr", "bom", "semicolons", "sep", "utf-16", "le", "be", "blank-first", "case",
         "blank-column", "quotes"],
)  # fmt: skip
def test_a_table_as_excel_saves_it(raw: bytes) -> None:
    assert found(decode(raw)) == WANTED


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-8-sig"])
def test_chinese_words_are_read_right_whatever_their_encoding(encoding: str) -> None:
    text = decode("web-01 ansible_host=10.0.0.1 rack=三号机柜\n".encode(encoding))
    [entry] = parse(text, "ini").entries
    assert entry.variables == {"rack": "三号机柜"}


@pytest.mark.parametrize(
    ("raw", "path", "words"),
    [
        (b"\xd0\xcf\x11\xe0rest", "", "old or protected Excel workbook"),
        (b"name\nweb-01\n\xff\xff\xff\n", "line 3", "UTF-8, UTF-16 or GB18030"),
        (b"name\nweb\x00-01\n", "line 2", "UTF-8, UTF-16 or GB18030"),
        (b"x" * (4 * 1024 * 1024 + 1), "", "too large"),
    ],
    ids=["xls", "binary", "nul", "large"],
)
def test_what_is_no_text_says_what_to_do(raw: bytes, path: str, words: str) -> None:
    with pytest.raises(Unreadable) as error:
        decode(raw)
    assert error.value.errors[0]["path"] == path
    assert words in error.value.errors[0]["message"]


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("name,adress\nweb-01,10.0.0.1\n", "line 1", "names the columns"),
        ("name,name\nweb-01,web-02\n", "line 1", "each once"),
        ("name,address,说明\nweb-01,10.0.0.1,前端\n", "line 1", "none called 说明"),
        ("host\nweb-01\n", "line 1", "name, address"),
        ("name,groups\nweb-01,web\nweb-02,web,db\n", "line 3", "more cells"),
        ('name,address\nweb-01,"10.0.0.1\nweb-02,10.0.0.2\n', "line 2", "quotes"),
        ("", "line 1", "names the columns"),
    ],
    ids=["misspelt", "twice", "one-more", "no-name", "long-row", "open-quote", "empty"],
)
def test_a_table_that_cannot_be_read_says_where_and_what_to_do(text: str, path: str, words: str) -> None:
    [error] = refused(text)
    assert error["path"] == path
    assert words in error["message"]


@pytest.mark.django_db
def test_a_bad_cell_is_named_by_row_and_column_with_what_stands_there() -> None:
    with pytest.raises(Invalid) as error:
        import_text(actor=None, text="name,port\nweb-01,22\nweb-02,x22\nweb 03,22\n,99\n", kind="csv")
    assert [(each["path"], each["message"].rpartition("(")[2]) for each in error.value.errors] == [
        ("line 3.port", "x22)"), ("line 4.name", "web 03)"), ("line 5.name", "empty)"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "path"),
    [
        ("csv", "name,address\nweb-01,10.0.0.1\nweb-01,10.0.0.2\n", "line 3.address"),
        ("ini", "[web]\nweb-01 ansible_host=10.0.0.1\n[db]\nweb-01 ansible_host=10.0.0.2\n", "line 4.address"),
        ("ini", "web-01 ansible_port=22\nweb-01 ansible_port=2222\n", "line 2.port"),
        ("yaml", "a: {hosts: {w: {ansible_host: x1}}}\nb: {hosts: {w: {ansible_host: x2}}}", "b.hosts.w.address"),
    ],
)  # fmt: skip
def test_one_host_with_two_addresses_is_refused_with_both(kind: str, text: str, path: str) -> None:
    [error] = refused(text, kind)
    assert (error["path"], error["code"]) == (path, "two_ways")
    assert "Keep one" in error["message"]


def test_a_host_that_stands_twice_in_one_table_of_yaml_is_refused() -> None:
    [error] = refused("web:\n  hosts:\n    w1: {ansible_host: 10.0.0.1}\n    w1: {ansible_host: 10.0.0.2}\n", "yaml")
    assert (error["path"], error["code"]) == ("line 4", "duplicate_key")


@pytest.mark.django_db
def test_two_hosts_with_one_address_are_taken_and_said() -> None:
    import_text(actor=None, text="old ansible_host=10.0.0.9", kind="ini")
    text = "name,address,port\na,10.0.0.1,22\nb,10.0.0.1,22\nc,10.0.0.1,2222\nnew,10.0.0.9,22\n"
    counts, odd = import_text(actor=None, text=text, kind="csv")
    assert counts["created"] == 4
    assert {each["code"] for each in odd} == {"shared_address"}
    assert [each["path"] for each in odd] == ["line 2.address", "line 3.address", "line 5.address"]
    assert "old" in odd[2]["message"]


@pytest.mark.django_db
def test_a_gbk_file_from_the_command_line(tmp_path, capsys) -> None:
    path = tmp_path / "主机.csv"
    path.write_bytes(table(blank=2).encode("gbk"))
    call_command("hosts", "import", str(path))
    assert "2 created" in capsys.readouterr().out
    path.write_bytes("name,address\nweb-01,十号机\n".encode("gbk"))
    with pytest.raises(CommandError, match=r"line 2\.address: An address is a host name or an IP address\. \(十号机\)"):
        call_command("hosts", "import", str(path))
    assert Host.objects.count() == 2


@pytest.mark.django_db
def test_A20_aliases_in_an_inventory_are_refused_with_their_line() -> None:
    text = "web:\n  hosts:\n    w1: &one {ansible_host: 10.0.0.1}\n    w2: *one\n"
    with pytest.raises(Invalid) as error, translation.override("zh-hans"):
        import_text(actor=None, text=text, kind="yaml")
    assert error.value.errors[0]["path"] == "line 3"
    assert "锚点" in error.value.errors[0]["message"]


@pytest.mark.parametrize("text", ["w1 note=" + "x" * 200_000, "w1 " + "a=b " * 50_000], ids=["word", "words"])
def test_A47_a_line_without_end_is_refused_before_it_is_split(text: str) -> None:
    [error] = refused(text, "ini")
    assert error["path"] == "line 1"


def test_A47_hosts_beyond_number_and_problems_beyond_reading() -> None:
    assert "20000" in refused("".join(f"h{n}\n" for n in range(20_001)), "ini")[0]["message"]


@pytest.mark.django_db
def test_A47_of_many_problems_the_first_hundred_are_named() -> None:
    with pytest.raises(Invalid) as error:
        import_text(actor=None, text="name\n" + "a b\n" + "".join(f"h {n}\n" for n in range(500)), kind="csv")
    assert len(error.value.errors) == 101
    assert "401" in error.value.errors[-1]["message"]

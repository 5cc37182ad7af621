"""Hostile XML is refused before it is interpreted (A20)."""

import pytest

from notify.wecom import xml
from tests.within import within

GOOD = "<xml><ToUserName><![CDATA[ww1]]></ToUserName><AgentID>1000002</AgentID></xml>"

HOSTILE = {
    "internal entity": '<!DOCTYPE x [<!ENTITY e "approve">]><xml><EventKey>&e;</EventKey></xml>',
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><EventKey>&e;</EventKey></xml>',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><xml/>',
    "doctype alone": "<!DOCTYPE xml><xml><a>1</a></xml>",
    "external doctype": '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml/>',
    "expansion bomb": "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY a{i} '{'&a;' * 10 if i == 0 else f'&a{i - 1};' * 10}'>" for i in range(9))
    + "]><xml><b>&a8;</b></xml>",
    "unknown entity": "<xml><a>&nope;</a></xml>",
    "duplicate child": "<xml><EventKey>approve</EventKey><EventKey>return</EventKey></xml>",
    "duplicate container": "<xml><a><b/></a><a>1</a></xml>",
    "foreign namespace": '<xml xmlns:x="urn:x"><x:EventKey>approve</x:EventKey></xml>',
    "default namespace": '<xml xmlns="urn:x"><EventKey>approve</EventKey></xml>',
    "xinclude": '<xml xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></xml>',
    "other root": "<XML><a>1</a></XML>",
    "two roots": "<xml/><xml/>",
    "deep": "<xml>" + "<a>" * 500 + "</a>" * 500 + "</xml>",
    "very deep": "<xml>" + "<a>" * 5000 + "</a>" * 5000 + "</xml>",
    "unclosed": "<xml><a>",
    "empty": "",
    "not xml": "approve",
    "json": '{"EventKey": "approve"}',
    "nul": "<xml><a>\0</a></xml>",
    "too long": "<xml><a>" + "x" * xml.MAX_BYTES + "</a></xml>",
}


def test_what_wecom_sends_is_read():
    assert xml.fields(GOOD) == {"ToUserName": "ww1", "AgentID": "1000002"}


@pytest.mark.parametrize("name", HOSTILE)
def test_A20_hostile_xml_is_refused_at_once(name):
    with within(1), pytest.raises(xml.XmlError):
        xml.fields(HOSTILE[name])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le"])
def test_A20_odd_encodings_are_refused(encoding):
    with pytest.raises(xml.XmlError):
        xml.fields(GOOD.encode(encoding))


@pytest.mark.parametrize("declared", ["utf-7", "utf-16", "iso-8859-1", "gbk", "nope"])
def test_A20_a_declared_encoding_does_not_change_what_is_read(declared):
    text = f'<?xml version="1.0" encoding="{declared}"?><xml><a>+ADw-工单</a></xml>'
    assert xml.fields(text.encode()) == {"a": "+ADw-工单"}


def test_containers_are_left_out():
    document = "<xml><SelectedItems><SelectedItem><a/></SelectedItem></SelectedItems><b>1</b></xml>"
    assert xml.fields(document) == {"b": "1"}


@pytest.mark.parametrize("value", ["]]><evil/>", "<a>&amp;", "\x00\x08\ufffe", "工单 🧯"])
def test_a_text_stays_a_text(value):
    kept = "".join(c for c in value if c not in "\x00\x08\ufffe")
    assert xml.fields(f"<xml><a>{xml.text(value)}</a></xml>") == {"a": kept.strip()}

"""Which URLs and addresses a webhook may reach (A40)."""

from ipaddress import ip_address

import pytest
from django.apps import apps

from common.egress.allowed_hosts import Refused, find, is_public, read

PLACES = read(["hooks.example.com", "inner.example.com:8443=10.1.0.0/16", "http://10.2.0.1:8080", "[2001:db8::1]"])


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("https://hooks.example.com", "hooks.example.com", "/"),
        ("https://HOOKS.example.com.:443/a/b?c=d%20e&f=ü#part", "hooks.example.com", "/a/b?c=d%20e&f=%C3%BC"),
        ("https://inner.example.com:8443/x", "inner.example.com:8443", "/x"),
        ("http://10.2.0.1:8080/x", "10.2.0.1:8080", "/x"),
        ("https://[2001:DB8:0::1]/x", "[2001:db8::1]", "/x"),
    ],
)
def test_what_is_allowed_is_found(url: str, authority: str, target: str) -> None:
    place, found = find(PLACES, url, "BATON_WEBHOOK_HOSTS")
    assert (place.authority, found) == (authority, target)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://hooks.example.com:8443/",
        "https://hooks.example.com@evil.example/",
        "https://evil@hooks.example.com/",
        "https://hooks.example.com\\@evil.example/",
        "https://hooks.example.com.evil.example/",
        "https://evil.example/hooks.example.com",
        "https://evil.example#@hooks.example.com/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: evil",
        "https://hooks.example.com:99999/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://10.2.0.1:8080/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "//hooks.example.com/",
        "https:///",
        "https://[::1/",
        "",
    ],
)
def test_A40_what_is_not_allowed_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        find(PLACES, url, "BATON_WEBHOOK_HOSTS")


INSIDE = [
    *("127.0.0.1", "127.255.0.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254"),
    *("100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_A40_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_name_lies_where_its_entry_says_and_nowhere_else_inside() -> None:
    place, _ = find(PLACES, "https://inner.example.com:8443/", "BATON_WEBHOOK_HOSTS")
    assert place.accepts(ip_address("10.1.2.3"))
    assert place.accepts(ip_address("8.8.8.8"))
    assert not place.accepts(ip_address("10.2.0.1"))
    assert not place.accepts(ip_address("169.254.169.254"))
    (local,) = read(["http://localhost:9000"])
    assert local.accepts(ip_address("127.0.0.1"))
    assert local.accepts(ip_address("::1"))
    assert not local.accepts(ip_address("10.0.0.1"))


@pytest.mark.parametrize(
    "entry", ["*", "*.example.com", "a b", "host/path", "host/", "ftp://host", "u@host", "h=x", "h:0x"]
)
def test_a_wrong_entry_stops_the_start_and_is_named(settings, entry: str) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example.com", entry]
    with pytest.raises(SystemExit, match=r"Setting BATON_WEBHOOK_HOSTS: .* is not \[http://\]host"):
        apps.get_app_config("notify").ready()

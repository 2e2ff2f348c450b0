"""The token goes to HubSpot, or to a sandbox on this machine when that was asked for, and nowhere else."""

from __future__ import annotations

import pytest

from hubsync.core.errors import BadInput
from hubsync.portal.url import check

ELSEWHERE = [
    "http://api.hubapi.com",
    "https://api.hubapi.com.evil.example",
    "https://evil.example/api.hubapi.com",
    "https://evil.example?api.hubapi.com",
    "https://evil.example#api.hubapi.com",
    "https://api.hubapi.com@evil.example",
    "https://user:pass@api.hubapi.com",
    "https://api.hubapi.com:444",
    "https://api.hubapi.com:80",
    "https://api.hubapi.com/crm",
    "https://api.hubapi.com//evil.example",
    "https://api.hubapi.com\\@evil.example",
    "https://api.hubapi.com%2eevil.example",
    "https://api.hubapi.com%00.evil.example",
    "https://api-us2.hubapi.com",
    "https://hubapi.com",
    "https://app.hubspot.com",
    "https://\u0430pi.hubapi.com",
    "https://\uff41pi.hubapi.com",
    "https://api.hubapi。com",
    "ftp://api.hubapi.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "api.hubapi.com",
    "//api.hubapi.com",
    "https://",
    "https:///api.hubapi.com",
    "https://api.hubapi.com:99999",
    "https://api.hubapi.com:port",
    "https://[::1",
    "https://169.254.169.254",
    "http://169.254.169.254/latest/meta-data",
    "http://metadata.google.internal",
    "https://10.0.0.1",
    "https://192.168.0.1",
    "https://0.0.0.0",
    "https://2130706433",
    "https://0x7f000001",
    "https://017700000001",
    "https://[::ffff:127.0.0.1]",
    "https://[fe80::1]",
]
LOOPBACK = [
    "http://127.0.0.1:8583",
    "http://127.0.0.1",
    "http://localhost:1",
    "http://[::1]:8583",
    "http://127.8.9.10:80",
]
NOT_LOOPBACK = [
    "http://0.0.0.0:1",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://evil.example@127.0.0.1.evil.example",
    "http://127.0.0.1@evil.example",
    "http://10.0.0.1",
    "http://2130706433",
    "http://0177.0.0.1",
    "http://[::ffff:10.0.0.1]",
    "http://127.0.0.1:1/x",
    "https://127.0.0.1:1",
]


@pytest.mark.parametrize("address", ["https://api.hubapi.com", "https://api-eu1.hubapi.com"])
@pytest.mark.parametrize("form", ["{}", "{}/", " {} ", "{}:443", "{}:443/"])
def test_hubspots_two_addresses_are_taken(address: str, form: str) -> None:
    assert check(form.format(address)) == address


@pytest.mark.parametrize("address", ["", " ", *ELSEWHERE, *LOOPBACK, *NOT_LOOPBACK])
def test_every_other_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        check(address)


@pytest.mark.parametrize("address", LOOPBACK)
def test_a_sandbox_on_this_machine_is_taken_when_asked_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSYNC_SANDBOX", "1")
    assert check(address + "/") == address


@pytest.mark.parametrize("address", [*ELSEWHERE, *NOT_LOOPBACK, "https://api.hubapi.com"])
def test_then_nothing_else_is(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSYNC_SANDBOX", "1")
    with pytest.raises(BadInput, match="sandbox"):
        check(address)


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(BadInput) as caught:
        check("https://user:secret@evil.example")
    assert "secret" not in str(caught.value)

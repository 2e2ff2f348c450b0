"""HubSpot's versions lapse: each path is known in every version, and people are told in time."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from hubsync.core.errors import BadInput
from hubsync.portal.versions import EXPIRES, FAMILIES, ROUTES, VERSIONS, Bucket, Effect, check, pinned_warning, warning

#: Paths of one version only, whatever is set.
_PINNED = {"token": "v2", "flows": "v4", "mappings": "v4", "workflows": "v2"}


def test_the_default_and_the_others_are_taken() -> None:
    assert [check(version) for version in VERSIONS] == list(VERSIONS)


@pytest.mark.parametrize("version", ["", "v1", "v4", "2025-09", "2026-03 ", "latest"])
def test_a_version_we_do_not_speak_is_refused(version: str) -> None:
    with pytest.raises(BadInput, match="2026-03, 2026-09, v3"):
        check(version)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_route_has_a_path_of_its_version(version: str) -> None:
    for route in ROUTES.values():
        path = route.path(version)
        assert path.startswith("/")
        assert "{v}" not in path
        pinned = _PINNED.get(route.family) or ("v4" if (route.family, version) == ("subscriptions", "v3") else version)
        assert re.search(rf"/{pinned}(/|$)", path), path


def test_each_path_knows_when_it_lapses() -> None:
    for route in ROUTES.values():
        for version in VERSIONS:
            expires = route.expires(version)
            assert expires is not None
            assert expires <= EXPIRES[version] or route.family in _PINNED


def test_people_are_warned_of_paths_that_have_no_other_version() -> None:
    warned = pinned_warning("2026-09", EXPIRES["v4"] - dt.timedelta(days=90))
    assert "/automation/v4/flows" in warned
    assert "2027-03-30" in warned
    assert pinned_warning("2026-09", EXPIRES["v4"] - dt.timedelta(days=91)) == ""


def test_no_two_routes_are_the_same() -> None:
    assert len({(route.method, route.path("v3")) for route in ROUTES.values()}) == len(ROUTES)
    assert {route.family for route in ROUTES.values()} == FAMILIES.keys()


def test_what_only_reads_says_so_and_searches_have_their_own_limit() -> None:
    for route in ROUTES.values():
        if route.method == "GET":
            assert route.effect is Effect.READ
        if route.name.endswith(".create"):
            assert route.effect is Effect.CREATE
    assert [route.name for route in ROUTES.values() if route.bucket is Bucket.SEARCH] == ["contacts.search"]


@pytest.mark.parametrize("version", VERSIONS)
def test_people_are_warned_ninety_days_ahead(version: str) -> None:
    expires = EXPIRES[version]
    assert warning(version, expires - dt.timedelta(days=91)) == ""
    assert "90 days" in warning(version, expires - dt.timedelta(days=90))
    assert "has not supported" in warning(version, expires)


def test_the_way_on_is_the_version_that_lasts_longest() -> None:
    assert "HUBSPOT_API_VERSION=2026-09" in warning("v3", dt.date(2027, 8, 1))
    assert "Update this product" in warning("2026-09", dt.date(2028, 2, 1))

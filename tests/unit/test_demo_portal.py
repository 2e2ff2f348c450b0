"""The demo's portal: the same every time, everybody unique, every story in order."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email

from data.demo import portal, source
from data.demo.people import given_email, person

ROOT = Path(portal.__file__).parents[2]


@pytest.fixture(scope="module")
def seed() -> dict[str, Any]:
    return portal.seed()


@pytest.fixture(scope="module")
def stories(seed: dict[str, Any]) -> dict[tuple[str, str], list[tuple[str, dt.datetime]]]:
    """What happened to each e-mail of each contact, in the order of the log."""
    found: dict[tuple[str, str], list[tuple[str, dt.datetime]]] = defaultdict(list)
    for one in seed["email_events"]:
        found[one["contact"], one["email_id"]].append((one["type"], dt.datetime.fromisoformat(one["at"])))
    return found


def test_another_process_makes_the_same_portal(seed: dict[str, Any]) -> None:
    script = "import json, data.demo.portal as p, sys; json.dump(p.seed(), sys.stdout)"
    other = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )
    assert json.loads(other.stdout) == seed


def test_the_demo_needs_neither_the_product_nor_pandas() -> None:
    script = (
        "import sys, data.demo.portal as p, data.demo.shopping; p.seed();"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'hubsync', 'pandas', 'streamlit'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_address_is_made_up_and_belongs_to_one_contact(seed: dict[str, Any]) -> None:
    addresses = []
    for one in seed["contacts"]:
        properties = one["properties"]
        addresses += [properties["email"], *filter(None, properties.get("hs_additional_emails", "").split(";"))]
        assert properties["firstname"]
        assert properties["lastname"]
    assert len(addresses) == len(set(addresses))
    for address in addresses:
        assert validate_email(address, check_deliverability=False).domain in {"example.com", "work.example.com"}


def test_the_portal_holds_most_customers_some_by_another_address_and_some_strangers(seed: dict[str, Any]) -> None:
    households = {person(int(who)).email for who in source.households()}
    known = {
        address
        for one in seed["contacts"]
        for address in (one["properties"]["email"], one["properties"].get("hs_additional_emails"))
    }
    assert 0.87 < len(households & known) / len(households) < 0.93
    secondary = [one for one in seed["contacts"] if "hs_additional_emails" in one["properties"]]
    assert 0.02 < len(secondary) / len(seed["contacts"]) < 0.04
    assert sum(one["properties"]["lifecyclestage"] != "customer" for one in seed["contacts"]) == 150


def test_a_few_addresses_on_file_are_missing_wrong_or_shared() -> None:
    given = [given_email(who) for who in source.households()]
    unusable = 0
    for address in given:
        try:
            validate_email(address or "", check_deliverability=False)
        except EmailNotValidError:
            unusable += 1
    assert 0.01 < unusable / len(given) < 0.03
    assert [count for _, count in Counter(filter(None, given)).items() if count > 1] == [2]


def test_people_have_names_of_their_own_at_any_number() -> None:
    assert len({person(number).email for number in range(20_000)}) == 20_000


def test_every_campaign_is_one_e_mail(seed: dict[str, Any]) -> None:
    assert (
        len(seed["emails"])
        == len({one["id"] for one in seed["emails"]})
        == len({one["name"] for one in seed["emails"]})
        == 27
    )
    assert {one["state"] for one in seed["emails"]} == {"PUBLISHED"}
    assert {one["email_id"] for one in seed["email_events"]} <= {one["id"] for one in seed["emails"]}


def test_nobody_is_in_an_event_or_a_list_who_is_no_contact(seed: dict[str, Any]) -> None:
    contacts = {one["properties"]["email"] for one in seed["contacts"]}
    assert {one["contact"] for one in seed["email_events"]} <= contacts
    for one in seed["lists"]:
        assert set(one["members"]) <= contacts


def test_every_story_is_possible(stories: dict[tuple[str, str], list[tuple[str, dt.datetime]]]) -> None:
    for story in stories.values():
        kinds = [kind for kind, _ in story]
        times = [at for _, at in story]
        assert all(earlier <= later for earlier, later in pairwise(times))
        assert kinds[0] == "SENT"
        assert kinds[1] in {"DELIVERED", "BOUNCE"}
        assert ("BOUNCE" in kinds) is (len(kinds) == 2 and kinds[1] == "BOUNCE")
        for place, kind in enumerate(kinds):
            if kind in {"CLICK", "UNSUBSCRIBED"}:
                assert "OPEN" in kinds[:place]


def test_nobody_is_mailed_after_opting_out_or_bouncing(seed: dict[str, Any]) -> None:
    ended: set[str] = set()
    for one in seed["email_events"]:
        if one["type"] == "SENT":
            assert one["contact"] not in ended
        if one["type"] in {"UNSUBSCRIBED", "BOUNCE"}:
            ended.add(one["contact"])
    assert ended


def test_opens_are_likelier_for_those_who_click(stories: dict[tuple[str, str], list[tuple[str, dt.datetime]]]) -> None:
    mails: dict[str, list[set[str]]] = defaultdict(list)
    for (contact, _), story in stories.items():
        mails[contact].append({kind for kind, _ in story})
    clickers = {contact for contact, kinds in mails.items() if any("CLICK" in one for one in kinds)}

    def opened(who: set[str]) -> float:
        """Of e-mails that were not clicked, the part that was opened all the same."""
        quiet = [one for contact in who for one in mails[contact] if "CLICK" not in one and "DELIVERED" in one]
        return sum("OPEN" in one for one in quiet) / len(quiet)

    assert opened(clickers) > opened(set(mails) - clickers) * 1.2

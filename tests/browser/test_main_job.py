"""The main job, from nothing: load the demo, look, preview, send, and find it in the portal itself."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from hubsync.core.plan import Op, Step
from tests.browser.app import running
from tests.browser.demo import BEHAVIOURS, Demo
from tests.browser.portal import members, sizes
from tests.browser.screen import Screen

LIST = "[Behaviour] Bargain hunters - Active"
OUTCOMES = ("Confirmed", "Unchanged", "Left out")


def test_from_an_empty_workspace_to_the_list_in_hubspot(page: Page, tmp_path: Path) -> None:
    screen, demo = Screen(page=page), Demo(home=tmp_path / "workspace", config=tmp_path / "config")
    with running(demo.home, config=demo.config) as app:
        load_the_demo(screen, app.url)
        sizes_are_shown(screen)
        plan_id = preview(screen, demo)
        run_id = send(screen, demo)
        find_in_history(screen, run_id)
        find_in_the_portal(page, demo, plan_id)
        compare_engagement(screen, app.page("engagement"))
    demo.close()


def load_the_demo(screen: Screen, url: str) -> None:
    screen.open(url, "Home")
    screen.says("No HubSpot portal is connected yet")
    screen.press("Connect to HubSpot")
    screen.shows("Integrations")
    screen.press("Load the demo")
    screen.says("The demo is ready: 2,469 customers, 4 segments.")
    screen.badge("Sandbox on this machine")


def sizes_are_shown(screen: Screen) -> None:
    screen.menu("Segments")
    rows = screen.table("Segments with size").rows
    assert [row["Segment"] for row in rows] == list(BEHAVIOURS)
    for row in rows:
        assert 0 < int(row["Reachable"]) < int(row["Members"])


def preview(screen: Screen, demo: Demo) -> str:
    """Preview the list and look at everything that is said about it; returns the plan's id."""
    screen.menu("Export")
    screen.choose("Segment", "Bargain hunters")
    expect(screen.main.get_by_role("textbox", name="List name in HubSpot")).to_have_value(LIST)
    screen.press("Preview")
    expect(screen.main.get_by_role("heading", name="What would change")).to_be_visible()
    plan_id = screen.address("plan")
    plan, changes = demo.plan(plan_id)

    changing = screen.table("Changes of this plan")
    assert changing.size == len(changes)
    for row, change in zip(changing.rows, changes, strict=False):
        assert (row["Customer"], row["HubSpot contact"], row["Why"]) == (
            change.customer_id,
            change.contact_id,
            change.reason,
        )
        assert change.reason
    opted_out = plan.reach[Step.OPTED_OUT]
    screen.main.get_by_role("radio", name=f"Opted out of e-mail · {opted_out}").click()
    assert screen.table("Members at this step").size == opted_out
    assert demo.runs() == []
    return plan_id


def send(screen: Screen, demo: Demo) -> str:
    """Press the button that says what it does, and watch until it has; returns the run's id."""
    plan, changes = demo.plan(screen.address("plan"))
    screen.press(re.compile(rf"\badd {plan.counts[Op.ADD_MEMBER]}$"))
    expect(screen.main.get_by_role("heading", name="The run")).to_be_visible()
    screen.says(f"{len(changes)} planned = {len(changes)} confirmed")
    return screen.address("run")


def find_in_history(screen: Screen, run_id: str) -> None:
    screen.menu("History")
    (row,) = screen.table("Runs, newest first").rows
    assert int(row["Planned"]) == sum(int(row[name]) for name in OUTCOMES) > 0
    screen.open_row("Runs, newest first")
    assert screen.address("run") == run_id
    screen.says(f"{row['Planned']} planned = {row['Confirmed']} confirmed")


def find_in_the_portal(page: Page, demo: Demo, plan_id: str) -> None:
    """Open the portal's own page: the list holds exactly whom the plan named."""
    _plan, changes = demo.plan(plan_id)
    named = [change.contact_id for change in changes if change.op is Op.ADD_MEMBER]
    assert sizes(page, demo.connection.base_url)[LIST] == len(named)
    assert sorted(members(page, demo.connection.base_url, LIST)) == sorted(named)


def compare_engagement(screen: Screen, url: str) -> None:
    screen.open(url, "Engagement")
    told = screen.main.get_by_role("figure", name=re.compile("^Click rate")).get_attribute("aria-label") or ""
    for name in BEHAVIOURS:
        found = re.search(rf"{name}: ([\d.]+)% \(([\d.]+)% to ([\d.]+)%\), n = (\d+)", told)
        assert found, told
        rate, low, high = map(float, found.groups()[:3])
        assert low < rate < high
        assert int(found[4]) > 0

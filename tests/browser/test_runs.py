"""A run belongs to the plan and not to the tab: pressed twice it is one, closed or reloaded it goes on."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from hubsync.core.plan import Op
from hubsync.core.run import RunState
from tests.browser.app import App, until
from tests.browser.demo import Demo
from tests.browser.portal import Portal
from tests.browser.screen import Screen

SEND = re.compile(r"(add|change) [\d,]+( values?)?$")


def preview(screen: Screen, app: App, target: str) -> str:
    """Preview an export of the loyal regulars; returns the plan's id."""
    screen.open(app.page("export", segment="loyal_regulars", target=target), "Export")
    screen.press("Preview")
    return screen.address("plan")


def test_a_double_click_is_one_run(screen: Screen, gated: App, demo: Demo, portal: Portal) -> None:
    preview(screen, gated, "static_list")
    screen.main.get_by_role("button", name=SEND).dblclick()
    screen.says(re.compile("planned = "))
    assert [run.state for run in demo.runs()] == [RunState.SUCCEEDED]
    assert portal.writes("/add-and-remove") == 1


def test_two_tabs_that_send_the_same_plan_watch_the_same_run(screen: Screen, gated: App, demo: Demo) -> None:
    preview(screen, gated, "static_list")
    other = Screen(page=screen.page.context.new_page())
    other.open(screen.page.url, "Export")
    screen.main.get_by_role("button", name=SEND).click()
    other.main.get_by_role("button", name=SEND).click()
    assert screen.address("run") == other.address("run")
    other.says(re.compile("planned = "))
    assert len(demo.runs()) == 1


def test_a_link_to_a_plan_that_was_sent_shows_its_run_and_no_button(screen: Screen, gated: App, demo: Demo) -> None:
    plan_id = preview(screen, gated, "static_list")
    screen.main.get_by_role("button", name=SEND).click()
    screen.says(re.compile(r"planned = [\d,]+ confirmed$"))
    screen.open(gated.page("export", plan=plan_id), "Export")
    screen.says(re.compile(r"planned = [\d,]+ confirmed$"))
    expect(screen.main.get_by_role("button", name=SEND)).to_have_count(0)
    assert len(demo.runs()) == 1


def test_a_run_ends_without_its_tab_and_is_found_by_its_link(
    page: Page, gated: App, demo: Demo, portal: Portal
) -> None:
    screen = Screen(page=page)
    plan, _changes = demo.plan(preview(screen, gated, "properties"))
    portal.gate.shut(after=1)
    screen.main.get_by_role("button", name=SEND).click()
    portal.gate.wait()
    expect(screen.main.get_by_role("progressbar")).to_be_visible()
    screen.says(re.compile(r"planned = [\d,]+ confirmed \+ [\d,]+ open"))
    link, context = page.url, page.context
    page.close()
    portal.gate.open()

    until(lambda: demo.runs()[0].state.finished, "the run did not end without its tab")
    (run,) = demo.runs()
    assert run.state is RunState.SUCCEEDED
    assert run.counts.planned == plan.rows > plan.counts[Op.UPDATE_CONTACT] > 0
    again = Screen(page=context.new_page())
    again.open(link, "Export")
    again.says(f"{plan.rows:,} planned = {plan.rows:,} confirmed")


def test_a_reload_keeps_plan_and_run(screen: Screen, gated: App, demo: Demo, portal: Portal) -> None:
    plan_id = preview(screen, gated, "properties")
    expect(screen.main.get_by_role("button", name=SEND)).to_be_visible()
    before = screen.main.get_by_role("button", name=SEND).inner_text()
    screen.page.reload()
    screen.shows("Export")
    assert screen.address("plan") == plan_id
    assert screen.main.get_by_role("button", name=SEND).inner_text() == before

    portal.gate.shut(after=1)
    screen.main.get_by_role("button", name=SEND).click()
    portal.gate.wait()
    run_id = screen.address("run")
    screen.page.reload()
    screen.shows("Export")
    assert (screen.address("plan"), screen.address("run")) == (plan_id, run_id)
    expect(screen.main.get_by_role("progressbar")).to_be_visible()
    expect(screen.main.get_by_role("button", name=SEND)).to_have_count(0)
    portal.gate.open()
    screen.says(re.compile(r"planned = [\d,]+ confirmed$"))
    assert [run.run_id for run in demo.runs()] == [run_id]


def test_a_run_can_be_stopped_after_the_batch_in_flight(screen: Screen, gated: App, demo: Demo, portal: Portal) -> None:
    preview(screen, gated, "properties")
    portal.gate.shut(after=1)
    screen.main.get_by_role("button", name=SEND).click()
    portal.gate.wait()
    screen.press("Stop after this batch")
    until(lambda: bool(demo.state.read("select 1 from run where cancel_asked = 1")), "the wish to stop was not kept")
    portal.gate.open()
    screen.says(re.compile(r"planned = [\d,]+ confirmed \+ [\d,]+ cancelled"))
    (run,) = demo.runs()
    assert run.state is RunState.CANCELLED
    assert run.counts.planned == run.counts.confirmed + run.counts.cancelled


def test_a_run_is_taken_back_from_its_page(screen: Screen, gated: App, demo: Demo, portal: Portal) -> None:
    plan, _changes = demo.plan(preview(screen, gated, "static_list"))
    added = plan.counts[Op.ADD_MEMBER]
    screen.main.get_by_role("button", name=SEND).click()
    screen.says(re.compile(r"planned = [\d,]+ confirmed$"))
    screen.main.get_by_role("link", name="Open in history").click()
    screen.press(re.compile("^Undo"))
    screen.shows("Export")
    screen.press(f"Remove {added}, delete the list")
    screen.says(re.compile(r"planned = [\d,]+ confirmed$"))
    assert [run.state for run in demo.runs()] == [RunState.SUCCEEDED] * 2
    screen.page.goto(portal.url)
    expect(screen.page.get_by_role("heading", name="Lists")).to_be_visible()
    expect(screen.page.get_by_role("link", name=plan.list_name)).to_have_count(0)

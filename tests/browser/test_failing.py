"""A portal that stops answering: the pages say what happened and what to do, and nothing is lost."""

from __future__ import annotations

import re

from hubsync.core.run import PausedFor, RunState
from tests.browser.app import App
from tests.browser.demo import Demo
from tests.browser.portal import Portal
from tests.browser.screen import Screen


def test_a_run_waits_for_a_portal_that_is_gone_and_goes_on_when_told(
    screen: Screen, gated: App, demo: Demo, portal: Portal
) -> None:
    demo.connect(portal.url, embedded=False)
    portal.stop()
    screen.open(gated.page("integrations"), "Integrations")
    screen.press("Pull now")
    sending = Screen(page=screen.page.context.new_page())
    sending.open(gated.page("export", segment="bargain_hunters"), "Export")
    sending.press("Preview")
    sending.press(re.compile(r"add [\d,]+$"))
    sending.says("Paused: HubSpot cannot be reached")
    sending.says(re.compile("Goes on by itself in"))
    (run,) = demo.runs()
    assert (run.state, run.paused_for, run.counts.confirmed) == (RunState.PAUSED, PausedFor.UNREACHABLE, 0)

    screen.says("HubSpot cannot be reached")
    screen.press("Try again")
    screen.open(gated.url, "Home")
    screen.says("stands still")

    portal.start()
    sending.press("Go on now")
    sending.says(re.compile(r"planned = [\d,]+ confirmed$"))
    screen.open(gated.page("integrations"), "Integrations")
    screen.press("Close")
    screen.press("Pull now")
    screen.says(re.compile(r"2,370 contacts, \d+ changed"))


def test_a_link_to_a_run_that_is_not_there_says_so_and_keeps_the_menu(screen: Screen, shown: App) -> None:
    screen.page.goto(shown.page("history", run="20260101-nowhere"))
    screen.says("There is no run '20260101-nowhere'.")
    screen.says("Try again")
    screen.menu("Segments")

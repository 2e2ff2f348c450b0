"""The parts of the page with which one rules over the portal: its life and its clock, and what shall go wrong."""

from __future__ import annotations

from itertools import islice

from hubsync.sandbox.faults import Kind
from hubsync.sandbox.live import DEFAULT_SPEED, Life
from hubsync.sandbox.markup import Markup, button, element, html, joined, link, section, table, void, when
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_DIARY = 12
_HOUR, _DAY = "3600", "86400"
#: What a kind of fault is to people, in the order in which one would look for it.
_KINDS = {
    Kind.BURST: "429: too many requests in ten seconds",
    Kind.DAILY: "429: the day's requests are used up",
    Kind.SECONDLY: "429: too many searches in a second",
    Kind.REVOKED: "401: the token is good no more",
    Kind.SCOPES: "403: the token may not do this",
    Kind.LOCKED: "423: the record is locked",
    Kind.MIGRATING: "477: the account is being moved",
    Kind.INTERNAL: "500: HubSpot has failed",
    Kind.BAD_GATEWAY: "502: an HTML page of the front",
    Kind.UNAVAILABLE: "503: likewise",
    Kind.GATEWAY_TIMEOUT: "504: likewise",
    Kind.LATENCY: "latency: the answer comes late",
    Kind.RESET: "reset: cut off before anything is done",
    Kind.LOST: "lost: done, but the answer is cut off",
    Kind.RESET_MID_BODY: "reset-mid-body: done, cut off in the middle of the answer",
    Kind.CUT: "cut: done, the answer ends in the middle",
    Kind.HANG: "hang: done, but no answer comes",
    Kind.TRUNCATED: "truncated: done, half a JSON document",
    Kind.WRONG_JSON: "wrong-json: done, JSON of another shape",
    Kind.HTML: "html: a page instead of JSON",
    Kind.DRIP: "drip: done, a byte now and then",
}
_OTHERS = {kind: f"{kind.value}: a page of Cloudflare" for kind in Kind if kind not in _KINDS}


class Controls:
    """Draws them."""

    def __init__(self, portal: Portal, life: Life) -> None:
        self._portal = portal
        self._life = life

    def life(self) -> Markup:
        """Draw the clock, the buttons that let time pass, and the diary."""
        clock, life = self._portal.clock, self._life
        ahead = clock.ahead.total_seconds()
        told = "as on this machine" if abs(ahead) < 1 else f"{ahead / 86_400:,.2f} days ahead of this machine"
        still = ", standing still" if not clock.tick else ""
        runs = f" Life goes on at {life.speed:,.0f} seconds a second." if life.speed else ""
        entries = list(islice(reversed(life.diary), _DIARY))
        diary = (
            element(
                "ol",
                *(
                    element("li", element("time", when(row["at"]), datetime=row["at"]), " ", _told(row))
                    for row in entries
                ),
                class_="diary",
            )
            if entries
            else element("p", "Nothing has happened yet.", class_="soft")
        )
        return section(
            "Life",
            element(
                "p",
                "While days pass, e-mails go out and are read, people sign up, come by, change their data and leave,"
                " and colleagues edit by hand.",
                class_="soft",
            ),
            element(
                "div",
                button("Let a day pass", "days", days="1", main=True),
                button("Let a week pass", "days", days="7", main=True),
                button("Stop", "speed", speed="0")
                if life.speed
                else button("Let it run: a day a minute", "speed", speed=f"{DEFAULT_SPEED:.0f}"),
                class_="bar",
            ),
            element("h3", "Clock"),
            element("p", f"The time here is {told}{still}.{runs} Moving the clock alone lets nothing happen."),
            element(
                "div",
                button("An hour on", "advance", seconds=_HOUR),
                button("A day on", "advance", seconds=_DAY),
                button("Let it tick", "tick", tick="1") if not clock.tick else button("Hold it", "tick", tick="0"),
                class_="bar",
            ),
            element("h3", "What happened last"),
            diary,
        )

    def faults(self) -> Markup:
        """Draw the faults that are on and the form that switches one on."""
        rows = [
            (
                element("strong", str(armed.fault)),
                armed.met,
                armed.happened,
                "over" if armed.spent else "on",
                button("End", "end", id=armed.id),
            )
            for armed in self._portal.faults.all()
        ]
        listed = (
            joined((table(("Fault", "Met", "Happened", "State", ""), rows), button("End all", "calm")))
            if rows
            else element("p", "Nothing goes wrong.", class_="soft")
        )
        kinds = joined(element("option", text, value=kind.value) for kind, text in (_KINDS | _OTHERS).items())
        methods = joined(
            element("option", text or "any", value=text) for text in ("", "GET", "POST", "PUT", "PATCH", "DELETE")
        )
        fields = element(
            "div",
            _field("What", element("select", kinds, name="kind")),
            _field("Method", element("select", methods, name="method")),
            _field("Path", void("input", name="path", value="*", placeholder="/crm/lists/*")),
            _field("How often at most", _number("times", "1", step="1")),
            _field("After requests", _number("after", "0", step="1")),
            _field("How likely, 0 to 1", _number("probability", "1")),
            _field("Seconds", _number("seconds", "")),
            element(
                "label",
                void("input", type="checkbox", name="after_write", value="true"),
                "carried out first",
                class_="tick",
            ),
            class_="fields",
        )
        form = button("Let it go wrong", "fault", fields, main=True)
        opened = {} if rows else {"open": ""}
        return section("Faults", listed, element("details", element("summary", "Switch one on"), form, **opened))


def _told(row: Json) -> Markup:
    """Return what a line of the diary tells, leading to what it tells of."""
    for part, page in (("contact_id", "contact"), ("email_id", "email"), ("list_id", "list")):
        if part in row:
            return link(row["text"], **{page: row[part]})
    return html(row["text"])


def _field(name: str, control: Markup) -> Markup:
    return element("label", name, control)


def _number(name: str, value: str, step: str = "any") -> Markup:
    return void("input", type="number", name=name, value=value, min="0", step=step)

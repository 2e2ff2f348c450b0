"""Home: what is in step, what needs attention, what works behind it, and what the portal is."""

import datetime as dt

import streamlit as st

from hubsync.core.run import RunState
from hubsync.engagement import audience
from hubsync.portal.pace import Pacer, Quota
from hubsync.store import heartbeat, snapshot
from hubsync.store import plan as plans
from hubsync.sync import history, schedule
from pages.parts import attention, connect, empty, room, run
from pages.parts.access import Role, require
from pages.parts.boundary import boundary
from pages.parts.figure import MISSING, number, percent
from pages.parts.language import _, language
from pages.parts.markdown import plain
from pages.parts.moment import ago, exact, local, now
from pages.parts.table import count, moment, opener, table
from pages.parts.tile import tile, tiles

require(Role.VIEWER)

#: A worker silent for longer than this is gone.
SILENT = dt.timedelta(minutes=2)
#: Runs shown, and syncs to come.
LATEST = 5
NEXT = 3


@st.cache_data(max_entries=8, show_spinner=False)
def reach(portal_id: str, mirror: str) -> list[audience.Reach]:
    """Return reachable contacts, pull by pull; they change with a pull alone."""
    del mirror  # the key
    return audience.reach(room.workspace(), portal_id)


def quota() -> Quota:
    """Return what the portal last said about its limits."""
    assert portal is not None
    pacer = Pacer(file=room.workspace().pace_file, portal_id=portal.portal_id, time_zone=portal.time_zone or "UTC")
    try:
        return pacer.quota
    finally:
        pacer.close()


def in_step() -> int:
    """Return how many segments' last finished run sent their newest members, without a rejected row, and stands."""
    if not features:
        return 0
    last = {one.segment_key: one for one in reversed(runs) if one.state.finished and not one.undo_of}
    return sum(
        one.state is RunState.SUCCEEDED
        and one.run_id not in taken
        and plans.get(room.state(), one.plan_id).options.get("features_id") == features[-1].id
        for key, one in last.items()
        if key in names
    )


def open_run() -> None:
    """Remember the clicked run; the page then goes to it."""
    st.session_state["_open run"] = runs[st.session_state["latest"].row].run_id


@st.fragment(run_every="10s")
def pulse() -> None:
    """Draw the worker's sign of life."""
    with boundary():
        beat = heartbeat.latest(room.state())
        if beat is None or now() - beat.at > SILENT:
            st.badge(_("Worker: no sign of life"), icon=":material/heart_broken:", color="red")
            st.caption(
                _("Last seen {when}. Runs wait until one is started: python -m hubsync worker").format(
                    when=ago(beat.at) if beat else MISSING
                )
            )
            return
        st.badge(_("Worker: alive"), icon=":material/favorite:", color="green")
        st.caption(
            _("{when}: {doing}").format(
                when=ago(beat.at), doing=_("waits for work") if beat.doing == "idle" else plain(beat.doing)
            ),
            help=exact(beat.at),
        )


def upcoming() -> list[tuple[dt.datetime, str]]:
    """Return when the next syncs' turns come, and whose, the soonest first."""
    timed = [(one.waiting.next_at, one.version.sync.key) for one in syncs if one.waiting and one.waiting.next_at]
    return sorted(timed)[:NEXT]


st.title(_("Home"), anchor=False)
st.caption(_("What is in step with HubSpot, and what needs attention."))
portal, versions = room.connection(), room.versions()
if portal is None:
    empty.not_connected()
    st.stop()

mirrors = snapshot.snapshots(room.workspace(), "mirror")
features = snapshot.snapshots(room.workspace(), "features")
runs = history.runs(room.state(), limit=500)
taken = run.taken_back(runs)
syncs = schedule.standings(room.state())
names = {version.segment.key: version.segment.title(language()) for version in versions}
whose = names.get(runs[0].segment_key, runs[0].segment_key) if runs else ""
with tiles():
    pulls = reach(portal.portal_id, mirrors[-1].id) if mirrors else []
    tile(
        _("Reachable contacts"),
        number(pulls[-1].reachable) if pulls else MISSING,
        note=_("of {n}, {when}").format(n=number(pulls[-1].contacts), when=ago(pulls[-1].at))
        if pulls
        else _("not pulled yet"),
        trend=[one.reachable for one in pulls],
        help=_("With an address, not opted out, not bounced for good."),
        link=_("What they did"),
        page="engagement.py",
    )
    tile(
        _("Segments in step"),
        f"{number(in_step())} / {number(len(versions))}",
        note=_("sent with their newest members"),
        help=_("Their last run sent the members as last computed, and no row was rejected."),
        link=_("Segments"),
        page="segments.py",
    )
    tile(
        _("Last run"),
        run.state_word(runs[0]) if runs else MISSING,
        note=f"{run.named(runs[0], plain(whose))}, {ago(runs[0].queued_at)}" if runs else _("nothing was synced yet"),
        link=_("Open the run") if runs else _("Export"),
        page="history.py" if runs else "export.py",
        query={"run": runs[0].run_id} if runs else None,
    )
    left = quota()
    known = left.remaining is not None and left.daily
    tile(
        _("Quota left today"),
        percent(left.remaining / left.daily, 0) if known and left.remaining is not None and left.daily else MISSING,
        note=_("{left} of {daily} requests").format(left=number(left.remaining), daily=number(left.daily))
        if known
        else _("HubSpot has not said"),
        help=_("Requests of the whole account; as of {when}.").format(when=exact(left.seen_at)),
        link=_("History"),
        page="history.py",
    )

todo, around = st.columns([3, 2], gap="medium")
with todo:
    st.subheader(_("Needs attention"), anchor=False)
    found = attention.items(
        attention.Scene(
            at=now(), portal=portal, versions=versions, runs=runs, mirrors=mirrors, features=features, syncs=syncs
        )
    )
    if not found:
        st.markdown(f":green[:material/check_circle:] {_('Nothing at the moment.')}")
    for item in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f":orange[:material/error:] {plain(item.text)}", width="stretch")
            st.page_link(item.page, label=item.button, icon=":material/arrow_forward:", query_params=dict(item.query))
    if runs:
        st.subheader(_("Latest runs"), anchor=False)
        table(
            [
                {
                    "what": run.title(one, names),
                    "when": local(one.queued_at),
                    "state": run.state_word(one, taken),
                    "confirmed": one.counts.confirmed,
                    "rejected": one.counts.rejected,
                }
                for one in runs[:LATEST]
            ],
            {
                "what": opener(_("Run"), "latest", open_run),
                "when": moment(_("When")),
                "state": _("State"),
                "confirmed": count(_("Confirmed")),
                "rejected": count(_("Rejected")),
            },
            alt=_("The latest runs"),
        )
        if "_open run" in st.session_state:
            st.switch_page("history.py", query_params={"run": st.session_state.pop("_open run")})
with around:
    st.subheader(_("Behind the scenes"), anchor=False)
    pulse()
    for at, key in upcoming():
        st.caption(f":material/event_repeat: {plain(key)}: {ago(at)}", help=exact(at))
    st.subheader(_("The portal"), anchor=False)
    connect.summary(portal)

"""Settings › Schedules: syncs that run by themselves, and who hears how they stand."""

import streamlit as st

from hubsync.core.errors import BadInput
from hubsync.core.sync import write
from hubsync.core.turn import Health
from hubsync.store import alert, heartbeat
from hubsync.sync import schedule
from hubsync.sync.alerts import try_out
from hubsync.sync.alerts_settings import Settings, settings
from hubsync.sync.schedule import Standing
from pages.parts import address, empty, job, room, sync, sync_form
from pages.parts.access import Role, require
from pages.parts.boundary import boundary, show
from pages.parts.language import _, language
from pages.parts.markdown import plain
from pages.parts.moment import ago, local, now
from pages.parts.table import moment, table

me = require(Role.ADMIN)

#: How often the page looks at the syncs, in seconds.
EVERY = "5s"


@st.fragment(run_every=EVERY)
def standings() -> None:
    """Draw every sync, those that need a person first."""
    with boundary():
        found = sorted(schedule.standings(room.state()), key=pressing)
        beat = heartbeat.latest(room.state())
        seen = _("Worker: {when}").format(when=ago(beat.at)) if beat else _("No worker was seen yet.")
        st.caption(f":material/favorite: {seen}")
        chosen = st.query_params.get("sync", "")
        for one in found:
            if not chosen or one.version.sync.key == chosen:
                sync.draw(one, titles, me)


def pressing(one: Standing) -> int:
    """Return where a sync stands on the page: failing before fine."""
    order = (Health.FAILING, Health.WARNING, Health.FINE, None)
    return order.index(one.health)


def try_channels(going: Settings, done: str) -> str:
    """Send a test notice through every channel and return how it went."""
    return "; ".join(f"{name}: {problem or done}" for name, problem in try_out(going, now).items())


def start_test(going: Settings) -> None:
    """Try the channels beside the page: a mail server may take its time."""
    sent = _("sent")
    job.jobs().start("alerts", _("Sending a test notice"), lambda _tell: try_channels(going, sent))


st.title(_("Schedules"), anchor=False)
st.caption(_("What is kept in step by itself. A schedule sends nothing that a guard forbids."))
portal, versions = room.connection(), room.versions()
if not versions:
    empty.no_segments()
    st.stop()
titles = {version.segment.key: version.segment.title(language()) for version in versions}
kept = schedule.standings(room.state())
address.follow("sync", [one.version.sync.key for one in kept])
if not kept:
    st.markdown(_("Nothing runs by itself yet. Choose segments, where to, and when."))
with st.expander(_("New sync"), expanded=not kept, icon=":material/add:", key="new sync"):
    sync_form.draw(titles, portal, me)
if kept:
    standings()
    st.download_button(
        _("Save all as a file"),
        write(one.version.sync for one in kept),
        "syncs.yaml",
        mime="application/yaml",
        icon=":material/download:",
        help=_("For git; `python -m hubsync syncs apply` takes it back."),
    )

st.subheader(_("Alerts"), icon=":material/notifications:", anchor=False)
try:
    going = settings()
except BadInput as error:
    going = Settings()
    show(error)
names = [channel.name for channel in going.channels]
if names:
    st.caption(_("They go out by: {channels}.").format(channels=plain(", ".join(names))))
    if not job.watch("alerts"):
        st.button(
            _("Send a test notice"),
            icon=":material/send:",
            key="test alerts",
            on_click=start_test,
            args=(going,),
        )
else:
    st.caption(
        _("They go nowhere yet: set {email} or {webhook} where the server starts.").format(
            email="`HUBSYNC_ALERT_EMAIL`", webhook="`HUBSYNC_ALERT_WEBHOOK`"
        )
    )
notices = alert.notices(room.state(), limit=20)
if notices:
    deliveries = alert.deliveries(room.state())
    ways = {"pending": _("on its way"), "sent": _("sent"), "failed": _("given up")}
    table(
        [
            {
                "when": local(one.at),
                "sync": one.sync_key,
                "after": sync.health_word(one.after),
                "out": ", ".join(f"{way.channel}: {ways[way.state]}" for way in deliveries if way.notice == one.number),
            }
            for one in notices
        ],
        {"when": moment(_("When")), "sync": _("Sync"), "after": _("Stands now"), "out": _("Went out")},
        alt=_("The latest notices"),
    )

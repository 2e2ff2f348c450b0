"""Segments: who buys how, how many, and why someone is in."""

import streamlit as st

from hubsync.behaviour import membership
from hubsync.store import snapshot
from hubsync.sync import history
from hubsync.sync.reach import reachable
from pages.parts import address, empty, members, room, rule
from pages.parts.access import Role, require
from pages.parts.figure import number, percent
from pages.parts.language import _, language
from pages.parts.markdown import plain
from pages.parts.moment import ago, as_of, day, local
from pages.parts.table import count, moment, opener, share, table
from pages.parts.tile import tile, tiles

require(Role.VIEWER)


def open_row() -> None:
    """Choose the clicked segment."""
    st.session_state["segment"] = versions[st.session_state["segments"].row].segment.key


@st.cache_data(max_entries=8, show_spinner=False)
def sizes(features: str) -> dict[str, int]:
    """Return the members per segment; they change with the feature table alone."""
    del features  # the key
    return membership.sizes(room.workspace())


@st.cache_data(max_entries=8, show_spinner=False)
def reach(snapshots: tuple[str, str, str], last_run: str) -> dict[str, int]:
    """Return the reachable members per segment."""
    del snapshots, last_run  # the key
    return reachable(room.workspace(), room.state()) or {}


st.title(_("Segments"), anchor=False)
st.caption(_("Named behaviours, computed from what customers do. Click one to see its rule and members."))
versions, portal = room.versions(), room.connection()
if not versions:
    empty.no_segments()
    st.stop()

features = snapshot.latest(room.workspace(), "features")
mirror = snapshot.latest(room.workspace(), "mirror")
runs = history.runs(room.state(), limit=1000)
size = sizes(features.id) if features else {}
can = (
    reach((portal.portal_id, features.id, mirror.id), next((run.run_id + run.state for run in runs), ""))
    if portal and features and mirror
    else {}
)
customers = int(features.meta.get("customers") or 0) if features else 0
last = {run.segment_key: run for run in reversed(runs) if run.state.finished and not run.undo_of}
table(
    [
        {
            "name": version.segment.title(language()),
            "size": size.get(version.segment.key),
            "share": size[version.segment.key] / customers if customers and version.segment.key in size else None,
            "reachable": can.get(version.segment.key),
            "synced": local(last[version.segment.key].finished_at) if version.segment.key in last else None,
            "description": version.segment.description.get(language(), ""),
        }
        for version in versions
    ],
    {
        "name": opener(_("Segment"), "segments", open_row),
        "size": count(_("Members")),
        "share": share(_("Of all customers")),
        "reachable": count(_("Reachable"), _("Members that are contacts in HubSpot and may be mailed")),
        "synced": moment(_("Last sync")),
        "description": st.column_config.TextColumn(_("In short"), width="large"),
    },
    alt=_("Segments with size, reachable members and last sync"),
)
if features is None:
    st.caption(_("Members were not computed yet."))
    st.page_link("integrations.py", label=_("Compute them under Integrations"), icon=":material/calculate:")
else:
    st.caption(_("Members computed {when}, as of {day}.").format(when=ago(features.made_at), day=day(as_of(features))))

names = {version.segment.key: version for version in versions}
address.follow("segment", names)
chosen = st.selectbox(
    _("Segment"),
    list(names),
    index=None,
    format_func=lambda key: names[key].segment.title(language()),
    placeholder=_("Choose one to look into"),
    key="segment",
)
address.tell("segment", chosen)
if chosen is None:
    st.stop()

version = names[chosen]
segment = version.segment
st.subheader(plain(segment.title(language())), anchor=False)
if segment.description.get(language()):
    st.markdown(plain(segment.description[language()]))
with tiles(3):
    tile(
        _("Members"),
        number(size.get(chosen)),
        note=_("{share} of all customers").format(share=percent(size[chosen] / customers))
        if customers and chosen in size
        else "",
    )
    tile(
        _("Reachable"),
        number(can.get(chosen)),
        note=_("{share} of its members").format(share=percent(can[chosen] / size[chosen]))
        if size.get(chosen) and chosen in can
        else "",
        link=_("Export"),
        page="export.py",
        query={"segment": chosen},
    )
    tile(
        _("Version"),
        str(version.version),
        note=_("key {key}, changed {when} by {who}").format(
            key=plain(chosen), when=day(version.changed_at), who=plain(version.changed_by)
        ),
    )
ruled, people = st.tabs([_("Rule"), _("Members")])
with ruled:
    rule.draw(segment)
with people:
    if features is None:
        st.caption(_("Members were not computed yet."))
    else:
        members.draw(segment, features.id)

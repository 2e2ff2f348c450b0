"""Engagement: what each segment did with the e-mails it got."""

import streamlit as st

from hubsync.engagement.metrics import EVERYONE, FEW, FEWEST, Engagement, Metric, Note, engagement
from hubsync.store import snapshot
from pages.parts import address, empty, room
from pages.parts.access import Role, require
from pages.parts.figure import number
from pages.parts.intervals import Dot, intervals
from pages.parts.language import _, language
from pages.parts.moment import ago, day, exact
from pages.parts.palette import styles
from pages.parts.table import count, share, table

require(Role.VIEWER)

NAMES = {
    Metric.CLICK: _("Click rate"),
    Metric.OPEN: _("Open rate"),
    Metric.BOUNCE: _("Bounce rate"),
    Metric.UNSUBSCRIBE: _("Unsubscribe rate"),
}
MEANINGS = {
    Metric.CLICK: _("People who clicked at least once, of those an e-mail was delivered to. The figure to trust."),
    Metric.OPEN: _(
        "People who opened at least once, of those an e-mail was delivered to. Some mail programs open every mail by "
        "machine, so this is a ceiling."
    ),
    Metric.BOUNCE: _("People whose mail bounced at least once, of those an e-mail was sent to."),
    Metric.UNSUBSCRIBE: _("People who opted out of all e-mail, of those an e-mail was delivered to."),
}


@st.cache_data(max_entries=8, show_spinner=False)
def measured(snapshots: tuple[str, str, str], keys: tuple[str, ...]) -> Engagement:
    """Return the figures; they change with a portal or a snapshot, and with nothing else."""
    del snapshots  # the key
    return engagement(room.workspace(), room.state(), keys)


st.title(_("Engagement"), anchor=False)
portal, versions = room.connection(), room.versions()
mirror = snapshot.latest(room.workspace(), "mirror")
features = snapshot.latest(room.workspace(), "features")
if portal is None:
    empty.not_connected()
    st.stop()
if not versions:
    empty.no_segments()
    st.stop()
if mirror is None or features is None:
    empty.not_pulled()
    st.stop()

found = measured((portal.portal_id, mirror.id, features.id), tuple(version.segment.key for version in versions))
st.caption(
    _("What today's members did with your e-mails so far. HubSpot as of {when}, members as of {members}.").format(
        when=ago(found.as_of), members=day(found.members_as_of)
    ),
    help=exact(found.as_of),
)
address.follow("metric", list(Metric))
st.session_state.setdefault("metric", Metric.CLICK)
picked = st.segmented_control(
    _("Metric"),
    list(Metric),
    required=True,
    format_func=lambda metric: NAMES[metric],
    key="metric",
)
address.tell("metric", picked, default=Metric.CLICK)
chosen = Metric(picked or Metric.CLICK)
st.markdown(MEANINGS[chosen])

rows = {row.segment: row for row in found.rows if row.metric is chosen}
everyone = rows.pop(EVERYONE)
names = {version.segment.key: version.segment.title(language()) for version in versions}
look = styles(versions)
if everyone.note is Note.UNKNOWN:
    st.info(
        _("HubSpot gave no figures for this, for anybody. That is not zero; check what the token may read."),
        icon=":material/help:",
    )
    st.stop()

chart, figures = st.columns([5, 4], gap="medium")
with chart:
    intervals([Dot(name=names[key], style=look[key], figure=row) for key, row in rows.items()], everyone, NAMES[chosen])
    st.caption(_("Dots are rates, bars their 95% intervals; the dotted line is everyone. Highest lower bound first."))
with figures:
    table(
        [
            {
                "segment": names.get(key, _("Everyone")),
                "rate": row.rate,
                "low": row.low,
                "high": row.high,
                "n": row.denominator,
            }
            for key, row in (*rows.items(), (EVERYONE, everyone))
        ],
        {
            "segment": st.column_config.TextColumn(_("Segment"), pinned=True),
            "rate": share(_("Rate")),
            "low": share(_("From"), _("Lower end of the 95% interval")),
            "high": share(_("To"), _("Upper end of the 95% interval")),
            "n": count("n", _("Of how many")),
        },
        alt=_("{metric} per segment, with interval and number of people").format(metric=NAMES[chosen]),
    )
    few = [names[key] for key, row in rows.items() if row.note is Note.FEW]
    fewer = [f"{names[key]} (n = {number(row.denominator)})" for key, row in rows.items() if row.note is Note.TOO_FEW]
    if few:
        st.caption(_("Faint, because under {n} people: {names}.").format(n=FEW, names=", ".join(few)))
    if fewer:
        st.caption(_("No rate, because under {n} people: {names}.").format(n=FEWEST, names=", ".join(fewer)))

st.subheader(_("Whom these figures speak of"), anchor=False)
table(
    [
        {
            "segment": names[key],
            "members": audience.members,
            "contacts": audience.contacts,
            "delivered": audience.delivered,
            "reach": audience.delivered / audience.members if audience.members else None,
        }
        for key, audience in found.audiences.items()
        if key != EVERYONE
    ],
    {
        "segment": st.column_config.TextColumn(_("Segment"), pinned=True),
        "members": count(_("Members")),
        "contacts": count(_("Contacts in HubSpot")),
        "delivered": count(_("Got an e-mail")),
        "reach": share(_("Reach"), _("Members an e-mail was delivered to, of all members")),
    },
    alt=_("Members, contacts and people mailed, per segment"),
)
with st.expander(_("What these figures cannot tell"), icon=":material/info:"):
    st.markdown(
        _(
            "- HubSpot counts over a contact's whole life, so older mails count as well.\n"
            "- Members are those of today; a mail may have gone out before someone joined.\n"
            "- A difference between segments is no proof that being in the segment caused it.\n"
            "- A contact without a delivery in HubSpot's counters is in no rate."
        )
    )

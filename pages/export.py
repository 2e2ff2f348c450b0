"""Export: see exactly who would change in HubSpot and why, then run what you saw."""

import streamlit as st

from hubsync.core import naming
from hubsync.core.plan import Plan, Target
from hubsync.store import plan as plans
from hubsync.store import snapshot
from hubsync.store.run import of_plan
from hubsync.sync.email_templates import templates
from hubsync.sync.preview import preview
from hubsync.sync.proposal import EmailAsk
from pages.parts import address, empty, room, run, send
from pages.parts import plan as drawing
from pages.parts.access import Role, require
from pages.parts.language import _, language
from pages.parts.markdown import plain
from pages.parts.moment import now

me = require(Role.ANALYST)

TARGETS = tuple(Target)
#: Targets that make a list with a name of its own.
NAMED = frozenset({Target.STATIC_LIST, Target.ACTIVE_LIST, Target.EMAIL})
#: The key of what the address calls "segment".
SEGMENT = "segment to export"


def forget() -> None:
    """Drop the plan from the address: what is asked for has changed."""
    st.query_params.pop("plan", None)
    st.query_params.pop("run", None)


def recall() -> Plan | None:
    """Return the plan in the address, and set the choices to what it was made with."""
    plan_id = st.query_params.get("plan")
    if not plan_id:
        return None
    found = plans.get(room.state(), plan_id)
    if st.session_state.get("_recalled") != plan_id:
        st.session_state["_recalled"] = plan_id
        st.session_state[SEGMENT] = found.segment_key
        st.session_state["target"] = found.target if found.target in TARGETS else TARGETS[0]
        st.session_state["list_name"] = found.list_name
        st.session_state["_named for"] = found.segment_key
        st.session_state["create"] = bool(found.options.get("create_contacts"))
        email = found.options.get("email")
        if isinstance(email, dict):
            st.session_state["template"] = email["template_id"]
            st.session_state["subject"] = email["subject"]
    return found


def renamed() -> None:
    """Suggest a name for another choice, which the plan was not made for."""
    forget()
    suggest()


def suggest() -> None:
    """Put the suggested name for the chosen segment and pattern into the name field."""
    version = names.get(st.session_state.get(SEGMENT, ""))
    pattern = next((p for p in naming.PATTERNS if p.key == st.session_state.get("pattern")), naming.PATTERNS[0])
    if version is not None:
        title = version.segment.title(language())
        st.session_state["list_name"] = pattern.name(title, now().date(), language())
        st.session_state["_named for"] = version.segment.key


st.title(_("Export"), anchor=False)
st.caption(_("See exactly who changes and why before anything is sent. What runs is what you saw."))
portal, versions = room.connection(), room.versions()
if portal is None:
    empty.not_connected()
    st.stop()
if not versions:
    empty.no_segments()
    st.stop()
if snapshot.latest(room.workspace(), "mirror") is None:
    empty.not_pulled()
    st.stop()

names = {version.segment.key: version for version in versions}
plan = recall()
if plan is not None and plan.undo_of:
    st.info(
        _("This plan takes run {run} back. Rows that somebody changed since are left alone.").format(
            run=plain(plan.undo_of)
        ),
        icon=":material/undo:",
    )
else:
    address.follow("segment", names, key=SEGMENT)
    address.follow("target", TARGETS)
    st.session_state.setdefault("target", TARGETS[0])
    with st.container(border=True):
        who, what = st.columns(2, gap="medium")
        with who:
            segment = st.selectbox(
                _("Segment"),
                list(names),
                format_func=lambda key: names[key].segment.title(language()),
                key=SEGMENT,
                on_change=renamed,
            )
        address.tell("segment", segment)
        with what:
            picked = st.segmented_control(
                _("Keep in step"),
                TARGETS,
                required=True,
                format_func=run.target_word,
                key="target",
                on_change=forget,
                wrap=True,
            )
        address.tell("target", picked, default=TARGETS[0])
        target = Target(picked or TARGETS[0])
        if target in NAMED:
            if "list_name" not in st.session_state or st.session_state.get("_named for") != segment:
                suggest()
            pattern, name = st.columns(2, gap="medium")
            with pattern:
                st.selectbox(
                    _("Name by"),
                    [p.key for p in naming.PATTERNS],
                    format_func=lambda key: next(p for p in naming.PATTERNS if p.key == key).name(
                        names[segment].segment.title(language()), now().date(), language()
                    ),
                    key="pattern",
                    on_change=renamed,
                    help=_("One pattern for all lists keeps a portal tidy."),
                )
            with name:
                st.text_input(
                    _("List name in HubSpot"),
                    key="list_name",
                    max_chars=naming.LONGEST,
                    on_change=forget,
                )
        elif target is Target.LEAD_SCORE:
            st.caption(_("Writes a score from 0 to 100, its band and when it changed, for all customers in HubSpot."))
        elif target is Target.WORKFLOW:
            st.caption(_("Sets a property of our own that a workflow in HubSpot can listen to, one per segment."))
        else:
            st.caption(_("Writes the measures of the segment's rule into contact properties of our own, one by one."))
        if target is Target.EMAIL:
            known = templates(room.workspace(), portal.portal_id)
            copied, subject = st.columns(2, gap="medium")
            with copied:
                st.selectbox(
                    _("Template"),
                    list(known),
                    format_func=lambda key: known.get(key, key),
                    key="template",
                    on_change=forget,
                    help=_("Copied as a draft. A person looks at it in HubSpot and sends it."),
                )
            with subject:
                st.text_input(
                    _("Subject"),
                    key="subject",
                    on_change=forget,
                    placeholder=_("As in the template"),
                    help="{{ contact.firstname|default('…') }}",
                )
        create = st.toggle(
            _("Create contacts that HubSpot does not have"),
            key="create",
            on_change=forget,
            help=_("HubSpot bills marketing contacts. Off, such members are left out and shown."),
        )
        if st.button(_("Preview"), type="secondary" if plan else "primary", icon=":material/preview:", key="preview"):
            with st.spinner(_("Comparing members with HubSpot …")):
                plan = preview(
                    room.workspace(),
                    room.state(),
                    portal,
                    segment_key=segment,
                    target=target,
                    list_name=st.session_state["list_name"] if target in NAMED else None,
                    create_contacts=create,
                    mapping=None,
                    email=EmailAsk(
                        template_id=st.session_state.get("template") or "",
                        subject=st.session_state.get("subject") or "",
                    )
                    if target is Target.EMAIL
                    else None,
                    by=me.name,
                    clock=now,
                )
            forget()
            st.query_params["plan"] = plan.plan_id
            st.session_state["_recalled"] = plan.plan_id
            st.rerun()

run_id = st.query_params.get("run")
if plan is not None and not run_id:  # a link to a plan, opened after it was sent
    asked = of_plan(room.state(), plan.plan_id, plan.made_at)
    run_id = asked.run_id if asked else None
if run_id:
    st.subheader(_("The run"), anchor=False)
    run.watch(run_id, me)
    st.page_link("history.py", label=_("Open in history"), icon=":material/history:", query_params={"run": run_id})
if plan is None:
    if not run_id:
        st.caption(_("Choose what to export and preview it. A preview sends nothing."))
    st.stop()

title = names[plan.segment_key].segment.title(language()) if plan.segment_key in names else plan.segment_key
st.subheader(f"{plain(title)} → {plain(plan.list_name) or run.target_word(plan.target)}", anchor=False)
drawing.head(plan)
if not run_id:
    send.draw(plan, portal, me)
drawing.rest(plan)

"""What Settings does to data: load files, recompute members, pull the portal, make the demo."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from hubsync.behaviour import load as loading
from hubsync.behaviour import mapping, rows, tables
from hubsync.behaviour.features import refresh as rebuild
from hubsync.demo import make
from hubsync.portal.connection import open_gateway
from hubsync.store import audit
from hubsync.store import connection as connections
from hubsync.store.state import State
from hubsync.sync.refresh import refresh_mirror
from pages.parts import room
from pages.parts.access import Person, person
from pages.parts.figure import number
from pages.parts.job import jobs
from pages.parts.language import _
from pages.parts.machinery import Machinery, machinery
from pages.parts.markdown import plain
from pages.parts.moment import now
from pages.parts.table import count, table


def counts() -> dict[str, int]:
    """Return how many customers and events are loaded."""
    return tables.counts(room.workspace())


def demo() -> None:
    """Make the demo beside the page; it takes half a minute."""
    state, me, works = room.state(), person(), machinery()
    done = _("The demo is ready: {customers} customers, {segments} segments.")
    jobs().start("demo", _("Making the demo"), lambda tell: _demo(state, me, works, done, tell))


def _demo(state: State, me: Person, works: Machinery, done: str, tell: Callable[[str], None]) -> str:
    made = make(state.workspace, state, by=me.name, clock=now, tell=tell)
    works.serve(connections.active(state))
    return done.format(customers=f"{made.customers:,}", segments=made.segments)


def pull(*, full: bool = False) -> None:
    """Fetch from the portal beside the page."""
    state = room.state()
    done = _("{contacts} contacts, {changed} changed, {requests} requests, {time}.")
    jobs().start("pull", _("Fetching contacts from HubSpot"), lambda _tell: _pull(state, done, full=full))


def _pull(state: State, done: str, *, full: bool) -> str:
    portal = connections.required(state)
    with open_gateway(portal, connections.token(state, portal), state.workspace) as gateway:
        report = refresh_mirror(state.workspace, state, portal, gateway, full=full, clock=now)
    return done.format(
        contacts=f"{report.contacts:,}",
        changed=f"{report.changed:,}",
        requests=f"{report.requests:,}",
        time=f"{report.seconds:.0f} s",
    )


def refresh() -> None:
    """Recompute features and memberships beside the page."""
    state = room.state()
    segments = [version.segment for version in room.versions()]
    versions = {version.segment.key: version.version for version in room.versions()}
    done = _("{customers} customers measured, {seconds} s.")

    def work(_tell: Callable[[str], None]) -> str:
        report = rebuild(state.workspace, segments, versions=versions, clock=now)
        return done.format(customers=f"{report.customers:,}", seconds=f"{report.seconds:.0f}")

    jobs().start("refresh", _("Computing who behaves how"), work)


def upload(me: Person) -> None:
    """Draw the way files come in: kind, file, which column is what, and what became of the rows."""
    with st.expander(_("Load a file"), icon=":material/upload_file:", key="load a file"):
        kinds: dict[mapping.Kind, str] = {"customers": _("Customers"), "events": _("Events")}
        kind = st.segmented_control(
            _("What it holds"),
            list(kinds),
            default="customers",
            required=True,
            format_func=lambda one: kinds[one],
            key="kind",
        )
        given = st.file_uploader(
            _("CSV, Parquet or JSON lines"), type=["csv", "parquet", "jsonl", "ndjson", "json"], key=f"file {kind}"
        )
        if given is None:
            st.caption(_("Bad rows are listed with line and reason, never dropped in silence."))
            return
        with tempfile.TemporaryDirectory(prefix=".upload-", dir=room.workspace().home) as folder:
            file = Path(folder) / Path(given.name).name
            file.write_bytes(given.getbuffer())
            chosen = _mapping(file, kind)
            add = st.toggle(_("Add to what is there instead of replacing it"), key=f"add {kind}")
            if st.button(_("Load {name}").format(name=plain(given.name)), type="primary", key="load"):
                with st.spinner(_("Reading, checking and writing …")):
                    report = loading.load(room.workspace(), kind, [file], mapping=chosen, replace=not add, clock=now)
                    audit.record(
                        room.state(),
                        at=now(),
                        actor=me.name,
                        act="load",
                        subject=kind,
                        detail=f"{report.loaded} rows",
                    )
                _report(report)


def _mapping(file: Path, kind: mapping.Kind) -> dict[str, str]:
    names, guessed = rows.columns(file), loading.guess(file, kind)
    st.markdown(_("Which column is what? The guess is filled in."))
    chosen: dict[str, str] = dict.fromkeys(names, "")
    with st.grid(3, min_column_width=180):
        for field in mapping.FIELDS[kind]:
            at = next((column for column, of in guessed.items() if of == field), None)
            column = st.selectbox(
                field + (" *" if field in mapping.REQUIRED[kind] else ""),
                names,
                index=names.index(at) if at else None,
                placeholder=_("none"),
                key=f"map {kind} {field}",
            )
            if column is not None:
                chosen[column] = field
    return chosen


def _report(report: loading.LoadReport) -> None:
    told = _("{loaded} of {rows} rows loaded, {rejected} rejected.").format(
        loaded=number(report.loaded), rows=number(report.rows), rejected=number(report.rejected)
    )
    (st.warning if report.rejected else st.success)(told)
    if report.reasons:
        table(
            [{"reason": reason, "rows": found} for reason, found in report.reasons.items()],
            {"reason": _("Reason"), "rows": count(_("Rows"))},
            alt=_("Rejected rows by reason"),
        )
        st.caption(_("Each of them, with its line: {file}").format(file=plain(str(report.rejects_file))))
    for warning in report.warnings:
        st.warning(plain(warning))

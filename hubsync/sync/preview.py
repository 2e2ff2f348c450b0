"""Preview: the exact changes a sync would make, with reasons, cost and guards. Sends nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hubsync.core.connection import Connection
from hubsync.core.errors import BadInput, Stale
from hubsync.core.guard import Figures, guards
from hubsync.core.plan import NAMELESS, Change, Op, Plan, Step, Target
from hubsync.portal.pace import Pacer, Quota
from hubsync.store import flow as flows
from hubsync.store import plan as plans
from hubsync.store import receipt, rule
from hubsync.store import segment as segments
from hubsync.store.segment import Version
from hubsync.store.state import State
from hubsync.store.workspace import Workspace
from hubsync.sync import active_list, lead_score, properties, reach, static_list, workflow, workflow_listeners
from hubsync.sync import email as emails
from hubsync.sync.compare import Comparison, comparison
from hubsync.sync.draft import Draft, drafting
from hubsync.sync.forecast import forecast
from hubsync.sync.proposal import Ask, EmailAsk, Proposal, Scene
from hubsync.sync.rules import Held, respected

Clock = Callable[[], dt.datetime]

_TARGETS: dict[Target, Callable[[Scene], Proposal]] = {
    Target.STATIC_LIST: static_list.propose,
    Target.PROPERTIES: properties.propose,
    Target.ACTIVE_LIST: active_list.propose,
    Target.LEAD_SCORE: lead_score.propose,
    Target.EMAIL: emails.propose,
    Target.WORKFLOW: workflow.propose,
}


def preview(  # noqa: PLR0913 - what an export is made of
    workspace: Workspace,
    state: State,
    connection: Connection,
    *,
    segment_key: str,
    target: Target,
    list_name: str | None = None,
    create_contacts: bool = False,
    mapping: Mapping[str, str] | None = None,
    email: EmailAsk | None = None,
    enrol: str = "",
    by: str,
    clock: Clock,
) -> Plan:
    """Compare a segment with the mirror and return the plan that brings the target in step; it is kept.

    `mapping` is feature column → property, for properties; `list_name` is by convention unless given; `email` is the
    draft of target e-mail; `enrol` the id of a workflow, for target workflow. The same state gives the same plan, with
    the same id. Raises NotFound where there are no features, no mirror or no such segment, Stale where the segment is
    newer than its members, BadInput for what cannot be planned.
    """
    if target not in _TARGETS:
        raise BadInput(
            f"'{target.value}' cannot be planned yet.", "Nothing was planned.", f"Targets: {', '.join(_TARGETS)}."
        )
    version = segments.current(state, segment_key)
    at = clock()
    acknowledged = receipt.newest(state.connection)
    with comparison(workspace, state, connection.portal_id) as side:
        _check_version(side, version)
        ask = Ask(
            version=version,
            target=target,
            list_name=list_name or "",
            create_contacts=create_contacts,
            mapping=mapping,
            at=at,
            email=email,
            enrol=enrol,
        )
        everybody = target is Target.LEAD_SCORE
        reached = reach.stage(side.con, None if everybody else segment_key, create_contacts=create_contacts)
        scene = Scene(
            ask=ask,
            side=side,
            facts=receipt.of_portal(state, connection.portal_id),
            writers=_writers(state, connection.portal_id, segment_key),
            state=state,
            portal_id=connection.portal_id,
            as_of=_as_of(side),
        )
        proposal = _TARGETS[target](scene)
        held = Held()
        allowed = respected(
            proposal.changes,
            rule.of_portal(state, connection.portal_id),
            side,
            held,
            lists={
                fact.removeprefix("list_name:"): told[0] for fact, told in scene.facts.items() if "list_name:" in fact
            },
            as_of=scene.as_of,
        )
        with drafting(workspace, side.con, allowed, lambda file: reach.write(side.con, file)) as draft:
            before = plans.last_run(state, connection.portal_id, target).get((segment_key, proposal.list_name))
            figures = _figures(side, draft, proposal, reached, before, at)
            options = {**proposal.options, "create_contacts": create_contacts}
            set_off = workflow_listeners.told(
                side.con,
                flows.reading(state, connection.portal_id),
                list_id=str(options.get("list_id") or ""),
                active=target is Target.ACTIVE_LIST,
            )
            terms = {
                "portal": connection.portal_id,
                "segment": [segment_key, version.version],
                "target": target.value,
                "list": proposal.list_name,
                "options": options,
                # After a run the same rows are another plan: the one that was run stays what it was.
                "acknowledged": acknowledged,
            }
            plan = Plan(
                plan_id=draft.settle(workspace, terms),
                segment_key=segment_key,
                segment_version=version.version,
                target=target,
                portal_id=connection.portal_id,
                list_name=proposal.list_name,
                made_at=at,
                made_by=by,
                features_as_of=scene.as_of,
                mirror_at=side.mirror.pulled_at,
                counts={**draft.counts, "unchanged": _unchanged(side, target, held)},
                reach=reached,
                forecast=forecast(
                    target=target,
                    rows=draft.counts,
                    people=draft.people,
                    everybody=sum(reached.values()),
                    quota=quota(workspace, connection.portal_id),
                ),
                warnings=(*_warnings(figures, reached), *proposal.warnings, *held.warnings, *set_off),
                blocked=(*proposal.guards, *guards(figures)),
                options={
                    **options,
                    "mapping": dict(mapping) if mapping is not None else None,
                    "features_id": side.features.id,
                    "mirror_id": side.mirror.snapshot_id,
                    "acknowledged": acknowledged,
                    "held": held.named,
                },
            )
            plans.save(state, plan)
    return plan


def show(workspace: Workspace, state: State, plan_id: str) -> Plan:
    """Return a plan made earlier; NotFound if there is none, or its rows are gone."""
    plan = plans.get(state, plan_id)
    if not plans.changes_file(workspace, plan_id).exists():
        raise BadInput(f"The rows of plan '{plan_id}' are gone.", "Nothing was sent.", "Preview the export again.")
    return plan


def changes(workspace: Workspace, plan_id: str) -> Iterator[Change]:
    """Yield a plan's rows in the order they are run."""
    import duckdb  # noqa: PLC0415 - the command line starts without it

    names = ("row", "op", "customer_id", "contact_id", "field", "old", "new", "reason")
    path = str(plans.changes_file(workspace, plan_id)).replace("'", "''")
    with duckdb.connect() as con:
        result = con.execute(f"select {', '.join(names)} from read_parquet('{path}') order by row")  # noqa: S608 - our own path
        while page := result.fetchmany(10_000):
            for row in page:
                values: dict[str, Any] = dict(zip(names, row, strict=True))
                yield Change(**{**values, "op": Op(values["op"])})


def quota(workspace: Workspace, portal_id: str) -> Quota:
    """Return what is known of a portal's limits, without asking it."""
    pacer = Pacer(file=workspace.pace_file, portal_id=portal_id)
    try:
        return pacer.quota
    finally:
        pacer.close()


def _check_version(side: Comparison, version: Version) -> None:
    made_for = side.features.meta.get("versions", {}).get(version.segment.key)
    if made_for != version.version:
        raise Stale(
            f"The members of '{version.segment.key}' are not computed for its present rule.",
            f"The rule is at version {version.version}, its members at {made_for or 'none'}.",
            "Refresh first: python -m hubsync features refresh",
        )


def _figures(
    side: Comparison,
    draft: Draft,
    proposal: Proposal,
    reached: Mapping[Step, int],
    before: Plan | None,
    at: dt.datetime,
) -> Figures:
    return Figures(
        customers=_count(side, "select count(*) from features"),
        members=sum(reached.values()),
        members_before=sum(before.reach.values()) if before else None,
        ours=proposal.ours,
        leaving=draft.people.get(Op.REMOVE_MEMBER, 0) + _count(side, _CLEARED),
        creating=draft.people.get(Op.CREATE_CONTACT, 0),
        mirror_age=at - side.mirror.pulled_at,
    )


_CLEARED = """
select count(distinct contact_id) from ordered
where op = 'update_contact' and contact_id <> '' and contact_id not in (select contact_id from members)
"""
_UNCHANGED = """
select count(*) from members m
where list_contains($steps, m.step) and not list_contains($held, m.customer_id) and not exists
    (select 1 from ordered o where o.customer_id = m.customer_id and o.op in ('add_member', 'update_contact'))
"""


def _unchanged(side: Comparison, target: Target, held: Held) -> int:
    wanted = [step.value for step in Step if (step.writable if target in NAMELESS else step.listable)]
    row = side.con.execute(_UNCHANGED, {"steps": wanted, "held": ["", *held.customers]}).fetchone()
    return int(row[0]) if row else 0


def _count(side: Comparison, sql: str) -> int:
    row = side.con.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _writers(state: State, portal_id: str, segment_key: str) -> dict[str, tuple[str, ...]]:
    """Return, by property, the other segments whose newest finished sync wrote it."""
    found: dict[str, tuple[str, ...]] = {}
    for (key, _), plan in plans.last_run(state, portal_id, Target.PROPERTIES).items():
        fields = plan.options.get("fields")
        if key != segment_key and isinstance(fields, list):
            for each in fields:
                found[each["name"]] = (*found.get(each["name"], ()), key)
    return found


def _as_of(side: Comparison) -> dt.datetime:
    found = side.features.meta.get("as_of")
    return dt.datetime.fromisoformat(str(found)) if found else side.features.made_at


def _warnings(figures: Figures, reached: Mapping[Step, int]) -> tuple[str, ...]:
    found: list[str] = []
    hours = int(figures.mirror_age.total_seconds() // 3600)
    if hours:
        found.append(f"HubSpot was last read {hours} hour{'s' if hours > 1 else ''} ago.")
    if figures.creating:
        made = "1 contact would" if figures.creating == 1 else f"{figures.creating:,} contacts would"
        found.append(f"{made} be created; HubSpot bills contacts that are mailed as marketing contacts.")
    if not figures.members:
        found.append("The segment has no members.")
    elif not reached.get(Step.REACHABLE):
        found.append("None of the members can be reached in HubSpot.")
    return tuple(found)

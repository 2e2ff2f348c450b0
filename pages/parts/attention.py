"""What needs a person's attention: each thing in a sentence, with the one button that leads to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hubsync.core import notice
from hubsync.core.connection import Connection
from hubsync.core.guard import MIRROR_AGE, SIZE_CHANGE, SIZE_CHANGE_PEOPLE
from hubsync.core.run import Run, RunState
from hubsync.core.turn import Health
from hubsync.portal.versions import warning
from hubsync.store.segment import Version
from hubsync.store.snapshot import Snapshot
from hubsync.sync.schedule import Standing
from pages.parts.figure import number
from pages.parts.language import _, language, n_
from pages.parts.moment import ago
from pages.parts.run import state_word


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to look at."""

    text: str
    button: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What the items are told from."""

    at: dt.datetime
    portal: Connection
    versions: Sequence[Version]
    runs: Sequence[Run]
    #: The pulls and the feature tables, oldest first.
    mirrors: Sequence[Snapshot]
    features: Sequence[Snapshot]
    syncs: Sequence[Standing] = ()


def items(scene: Scene) -> list[Item]:
    """Return everything that needs attention, the most pressing first."""
    return [*_runs(scene), *_syncs(scene), *_portal(scene), *_segments(scene)]


def _runs(scene: Scene) -> Iterator[Item]:
    newest: dict[tuple[str, str], Run] = {}
    for run in scene.runs:
        newest.setdefault((run.segment_key, run.target), run)
    names = {version.segment.key: version.segment.title(language()) for version in scene.versions}
    for run in newest.values():
        name = names.get(run.segment_key, run.segment_key)
        if run.state in {RunState.PAUSED, RunState.FAILED}:
            text = _("The run of {name} stands still. {state}.").format(name=name, state=state_word(run))
        elif run.counts.rejected:
            text = n_(
                "In the last run of {name}, {n} row was rejected.",
                "In the last run of {name}, {n} rows were rejected.",
                run.counts.rejected,
            ).format(name=name, n=number(run.counts.rejected))
        else:
            continue
        yield Item(text=text, button=_("Open the run"), page="history.py", query={"run": run.run_id})


def _syncs(scene: Scene) -> Iterator[Item]:
    """Yield the syncs that stand still before a run of theirs could tell."""
    for one in scene.syncs:
        last = one.last.told if one.last else None
        if one.health in {None, Health.FINE} or last is None or last.run_id or last.reason.health is Health.FINE:
            continue
        what = notice.reason_sentence(last, segment=last.segment_key, language=language())
        key = one.version.sync.key
        yield Item(
            text=_("The sync {name}: {what}").format(name=key, what=what),
            button=_("Open the sync"),
            page="schedules.py",
            query={"sync": key},
        )


def _portal(scene: Scene) -> Iterator[Item]:
    if scene.portal.missing_scopes:
        yield Item(
            text=_("The token lacks permissions: {scopes}.").format(scopes=", ".join(scene.portal.missing_scopes)),
            button=_("See what they are for"),
            page="integrations.py",
        )
    if not scene.mirrors:
        yield Item(text=_("Nothing was fetched from HubSpot yet."), button=_("Pull now"), page="integrations.py")
    elif scene.at - scene.mirrors[-1].made_at > MIRROR_AGE:
        yield Item(
            text=_("Our copy of HubSpot is from {when}; previews refuse to trust it.").format(
                when=ago(scene.mirrors[-1].made_at, scene.at)
            ),
            button=_("Pull now"),
            page="integrations.py",
        )
    ending = warning(scene.portal.api_version, scene.at.date())
    if ending:
        yield Item(text=ending, button=_("Go to Integrations"), page="integrations.py")


def _segments(scene: Scene) -> Iterator[Item]:
    if not scene.features:
        if scene.versions:
            yield Item(text=_("Members were not computed yet."), button=_("Compute them"), page="integrations.py")
        return
    made_for = scene.features[-1].meta.get("versions") or {}
    sizes = scene.features[-1].meta.get("sizes") or {}
    before = (scene.features[-2].meta.get("sizes") or {}) if len(scene.features) > 1 else {}
    for version in scene.versions:
        key, name = version.segment.key, version.segment.title(language())
        if made_for.get(key) != version.version:
            yield Item(
                text=_("The rule of {name} changed; its members are those of the rule before.").format(name=name),
                button=_("Recompute"),
                page="integrations.py",
            )
        elif key in before and _jumped(before[key], sizes.get(key, 0)):
            yield Item(
                text=_("{name} went from {before} to {now} members at once.").format(
                    name=name, before=number(before[key]), now=number(sizes.get(key, 0))
                ),
                button=_("Look into it"),
                page="segments.py",
                query={"segment": key},
            )


def _jumped(before: int, now: int) -> bool:
    return abs(now - before) >= SIZE_CHANGE_PEOPLE and abs(now - before) > SIZE_CHANGE * before

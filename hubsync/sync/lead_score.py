"""Target lead score: one number for every customer in HubSpot, its band, and when it last changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from hubsync.core.diff import Person, Turn, Why, as_kept, properties
from hubsync.core.field import Field, FieldType
from hubsync.core.plan import Guard, Step
from hubsync.core.score import Score, ScoreModel, breakdown, plain, score, worded
from hubsync.store import score as models
from hubsync.store import segment as segments
from hubsync.store.state import State
from hubsync.sync import properties as written
from hubsync.sync.mapping import Mapped
from hubsync.sync.proposal import Proposal, Scene, quoted, stream

SCORE = Field(name="lead_score", label="Lead score", type=FieldType.NUMBER)
UPDATED = Field(name="lead_score_updated_at", label="Lead score changed", type=FieldType.DATETIME)

_PEOPLE = """
with belongs as (select customer_id, list(segment_key) as keys from memberships group by customer_id),
gone as (
    select contact_id, map_from_entries(list((field, value))) as written from acknowledged
    where list_contains($fields, field) and value <> '' group by contact_id
),
everybody as (
    select customer_id, contact_id, email, step, map([]::varchar[], []::varchar[]) as written from members
    union all
    select '', g.contact_id, '', null, g.written from gone g anti join members m on m.contact_id = g.contact_id
)
select e.customer_id, e.contact_id, e.email, e.step, e.written, coalesce(b.keys, []) {actual} {values}
from everybody e
left join belongs b on b.customer_id = e.customer_id
left join features f on f.customer_id = e.customer_id
left join mirror_contacts c on c.contact_id = e.contact_id
order by e.customer_id, e.contact_id
"""


@dataclass(frozen=True, kw_only=True)
class _Scoring:
    """What every customer is scored with."""

    model: ScoreModel
    titles: Mapping[str, str]
    band: Field
    as_of: dt.datetime

    @property
    def fields(self) -> tuple[Field, ...]:
        return (SCORE, self.band, UPDATED)


def version(state: State) -> int:
    """Return the version of the model in use; 0 is the one to begin with."""
    found = models.current(state)
    return found[0] if found else 0


def model(state: State) -> ScoreModel:
    """Return the model in use: the one that was made, else one in which the behaviours share the points evenly."""
    found = models.current(state)
    return found[1] if found else plain(each.segment.key for each in segments.all_current(state))


def propose(scene: Scene) -> Proposal:
    """Return the changes that bring every customer's score in step, whatever segments they are in.

    Scores are as of the feature table: the time of change is its time, so that a repeat writes nothing.
    """
    current = segments.all_current(scene.state)
    found = model(scene.state)
    scoring = _Scoring(
        model=found,
        titles={each.segment.key: each.segment.title() for each in current},
        band=Field(
            name="lead_score_band",
            label="Lead score band",
            type=FieldType.ENUMERATION,
            options=tuple((band.key, worded(band.label, "en")) for band in found.bands),
        ),
        as_of=scene.as_of,
    )
    missing = _missing(scene, scoring)
    rows, guards = written.ensure(scene, scoring.fields)
    return Proposal(
        changes=() if missing else chain(rows, properties(_people(scene, scoring), scoring.fields)),
        ours=_ours(scene),
        guards=(*missing, *guards),
        warnings=("Scores are kept for all customers, whatever segment is named.",),
        options={
            "fields": [Mapped(column="", field=each).document() for each in scoring.fields],
            "model_version": version(scene.state),
            "model": found.model_dump(mode="json"),
        },
    )


def _missing(scene: Scene, scoring: _Scoring) -> tuple[Guard, ...]:
    """A measure that is not there would lower everybody's score in silence."""
    there = {str(row[0]) for row in scene.side.con.execute("describe features").fetchall()}
    computed = scene.side.features.meta.get("versions", {})
    lacking = [name for name in scoring.model.columns if name not in there]
    lacking += [key for key in scoring.model.behaviours if key not in computed]
    if not lacking:
        return ()
    return (
        Guard(
            code="score_model",
            message=f"The score model counts what is not computed here: {', '.join(lacking)}.",
            hint="Take it out of the model, or make a segment that uses it and refresh.",
        ),
    )


def _people(scene: Scene, scoring: _Scoring) -> Iterator[Person]:
    fields, columns = scoring.fields, scoring.model.columns
    sql = _PEOPLE.format(
        actual="".join(f", c.properties['{each.name}']" for each in fields),
        values="".join(f", f.{quoted(name)}" for name in columns),
    )
    last = 6 + len(fields)
    names = [each.name for each in fields]
    for row in stream(scene.side.con, sql, {"fields": names}):
        actual = {name: value for name, value in zip(names, row[6:last], strict=True) if value is not None}
        found = score(scoring.model, row[5], dict(zip(columns, row[last:], strict=True)), scoring.titles, "en")
        yield Person(
            customer_id=row[0],
            contact_id=row[1],
            email=row[2],
            step=Step(row[3]) if row[3] else None,
            written=row[4],
            actual=actual,
            desired=_desired(found, actual, scoring),
            why=_why(found),
        )


def _desired(found: Score, actual: Mapping[str, str], scoring: _Scoring) -> dict[str, Any]:
    """Return what should be held; the time moves only where the score or its band does."""
    same = (as_kept(actual.get(SCORE.name, ""), SCORE), actual.get(scoring.band.name, "")) == (
        str(found.total),
        found.band.key,
    )
    changed = actual.get(UPDATED.name) if same else None
    return {SCORE.name: found.total, scoring.band.name: found.band.key, UPDATED.name: changed or scoring.as_of}


def _why(found: Score) -> Why:
    def tell(turn: Turn) -> str:
        return "no longer among the customers" if turn is Turn.LEFT else breakdown(found)

    return tell


def _ours(scene: Scene) -> int:
    row = scene.side.con.execute(
        "select count(distinct contact_id) from acknowledged where field = $field and value <> ''",
        {"field": SCORE.name},
    ).fetchone()
    return int(row[0]) if row else 0

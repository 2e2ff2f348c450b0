"""A lead score: points for what a customer is and does, faded by how long ago they were last here; 0 to 100."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from hubsync.core.errors import BadInput
from hubsync.core.measure import Feature, Model, column
from hubsync.core.segment import KEY, Language

LEAST, MOST = 0, 100
Words = dict[Language, str]


class Curve(Model):
    """Points by a measure: straight lines between the knots, level before the first and after the last.

    Two knots are "so many points per order, up to a cap". A measure that is unknown of a customer gives none.
    """

    feature: Feature
    label: Words
    #: (value, points), values rising.
    knots: Annotated[tuple[tuple[float, float], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if any(left[0] >= right[0] for left, right in pairwise(self.knots)):
            raise ValueError("the values of 'knots' must rise")
        return self

    @property
    def column(self) -> str:
        """Its measure's column in the feature table."""
        return column(self.feature)

    def points(self, value: float) -> float:
        """Return the points for a value of the measure."""
        if value <= self.knots[0][0]:
            return self.knots[0][1]
        for (low, before), (high, after) in pairwise(self.knots):
            if value <= high:
                return before + (after - before) * (value - low) / (high - low)
        return self.knots[-1][1]


class Recency(Model):
    """How the points fade: half of them after `half_life_days`, a quarter after twice as long."""

    #: A number of days ("days_since_last").
    feature: Feature
    half_life_days: Annotated[float, Field(gt=0)]

    @property
    def column(self) -> str:
        """Its measure's column in the feature table."""
        return column(self.feature)

    def factor(self, days: float) -> float:
        """Return what is left of the points, 0 to 1."""
        return float(0.5 ** (max(days, 0.0) / self.half_life_days))


class Band(Model):
    """A stretch of the score with a name, from its first score up to the next band."""

    key: Annotated[str, Field(pattern=KEY.pattern, max_length=60)]
    label: Words
    at_least: Annotated[int, Field(ge=LEAST, le=MOST)]


class ScoreModel(Model):
    """How customers are scored, as data."""

    #: Points by segment key, for its members.
    behaviours: dict[str, float] = Field(default_factory=dict)
    measures: tuple[Curve, ...] = ()
    recency: Recency | None = None
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    #: From this score on a customer is qualified.
    qualified: Annotated[int, Field(ge=LEAST, le=MOST)]

    @model_validator(mode="after")
    def _bands_cover(self) -> Self:
        starts = [band.at_least for band in self.bands]
        if starts != sorted(set(starts)) or starts[0] != LEAST:
            raise ValueError(f"'bands' begin at {LEAST} and rise")
        if len({band.key for band in self.bands}) < len(self.bands):
            raise ValueError("each band needs a key of its own")
        if not self.behaviours and not self.measures:
            raise ValueError("give points for at least one behaviour or measure")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The feature table's columns that it looks at, each once."""
        named = [each.column for each in self.measures] + ([self.recency.column] if self.recency else [])
        return tuple(dict.fromkeys(named))

    def band(self, total: int) -> Band:
        """Return the band of a score."""
        return next(band for band in reversed(self.bands) if band.at_least <= total)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one behaviour or measure gave, before it faded."""

    label: str
    points: float


@dataclass(frozen=True, kw_only=True)
class Score:
    """One customer's score and how it came about."""

    #: 0 to 100.
    total: int
    band: Band
    qualified: bool
    parts: tuple[Part, ...]
    #: Days since the customer was last here; None where unknown, or where nothing fades.
    days: float | None
    #: What was left of the points, 0 to 1.
    faded: float


def score(
    model: ScoreModel,
    behaviours: Iterable[str],
    values: Mapping[str, Any],
    titles: Mapping[str, str],
    language: Language,
) -> Score:
    """Return a customer's score from the segments they are in and their measures by column; unknown ones are None.

    `titles` is segment key → name, for the parts' labels.
    """
    parts = tuple(_parts(model, frozenset(behaviours), values, titles, language))
    days = _number(values.get(model.recency.column)) if model.recency else None
    faded = model.recency.factor(days) if model.recency and days is not None else 1.0
    total = min(max(round(sum(part.points for part in parts) * faded), LEAST), MOST)
    return Score(
        total=total,
        band=model.band(total),
        qualified=total >= model.qualified,
        parts=parts,
        days=days,
        faded=faded,
    )


def _parts(
    model: ScoreModel,
    behaviours: frozenset[str],
    values: Mapping[str, Any],
    titles: Mapping[str, str],
    language: Language,
) -> Iterator[Part]:
    for key, points in model.behaviours.items():
        if key in behaviours:
            yield Part(label=titles.get(key, key), points=points)
    for each in model.measures:
        value = _number(values.get(each.column))
        points = each.points(value) if value is not None else 0.0
        if points:
            yield Part(label=f"{worded(each.label, language)}: {value:g}", points=points)


def _number(value: object) -> float | None:
    number = float(value) if isinstance(value, int | float) else None
    return number if number is not None and abs(number) < float("inf") else None


def worded(words: Words, language: Language) -> str:
    """Return a label in a language, or in the one it has."""
    return words.get(language) or next(iter(words.values()), "")


def breakdown(found: Score, language: Language = "en") -> str:
    """Return how a score came about, in a sentence: "62 (warm): Loyal regulars +40, orders in 90 days: 12 +32, …"."""
    told = ", ".join(f"{part.label} {part.points:+.3g}" for part in found.parts)
    word = worded(found.band.label, language).lower()
    if language == "pt":
        nothing, line, ago = "sem pontos", "qualificado", f"há {found.days or 0:g} dias"
    else:
        nothing, line, ago = "no points", "qualified", f"last here {found.days or 0:g} days ago"
    fading = f", {ago} × {found.faded:.2f}" if found.days is not None and found.parts else ""
    return f"{found.total} ({word}{f', {line}' if found.qualified else ''}): {told or nothing}{fading}"


def plain(behaviours: Iterable[str]) -> ScoreModel:
    """Return the model to begin with where nobody has made one: the behaviours share the points evenly."""
    keys = list(behaviours)
    return ScoreModel(
        behaviours={key: round(MOST / len(keys), 1) for key in keys},
        bands=(
            Band(key="cold", label={"en": "Cold", "pt": "Frio"}, at_least=0),
            Band(key="warm", label={"en": "Warm", "pt": "Morno"}, at_least=25),
            Band(key="hot", label={"en": "Hot", "pt": "Quente"}, at_least=50),
        ),
        qualified=50,
    )


def read(text: str, *, source: str = "The file") -> ScoreModel:
    """Return the model of a YAML or JSON document; BadInput names the part that cannot be read."""
    try:
        return ScoreModel.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise BadInput(f"{source} is not YAML.", str(error), "Mend the line that is named.") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{' › '.join(map(str, fault['loc'])) or 'model'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        )
        raise BadInput(
            f"{source} is no score model.", f"{faults}.", "Correct what is named and apply it again."
        ) from error


def write(model: ScoreModel) -> str:
    """Return a model as the document that `read` takes."""
    document = model.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)

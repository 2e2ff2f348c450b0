"""Why somebody is in a segment or not, in words a marketer reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from hubsync.core.figure import is_number, pair, plain
from hubsync.core.label import label, one_of
from hubsync.core.measure import Measure, Rank, Sequence, Value
from hubsync.core.rule import Known, holds, met
from hubsync.core.segment import All, Any_, Condition, Language, Not, Rule, Segment

Change = Literal["joined", "left", "in", "not in"]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One line of an explanation: a condition, or the head of a group of them."""

    #: "2 orders in 90 days, needs 3 or more".
    text: str
    #: What the customer has; None is unknown, and for the head of a group.
    value: Known
    #: What the condition compares with; None for the head of a group.
    threshold: Value | tuple[Value, ...] | None
    holds: bool
    #: How deep in the rule's tree, from 0: what to indent by.
    depth: int


def explain(rule: Rule, values: Mapping[str, Known], language: Language = "en") -> list[Reason]:
    """Return the rule line by line with what a customer has, by feature column, of each condition."""
    return list(_lines(rule, values, language, depth=0, head=False))


def sentence(
    segment: Segment,
    rule: Rule,
    values: Mapping[str, Known],
    language: Language = "en",
    change: Change | None = None,
) -> str:
    """Return what decided, as one sentence: "left Loyal regulars: 2 orders in 90 days, needs 3 or more".

    `change` is "joined" for those whom the rule lets in and "left" for the others, unless it is given.
    """
    inside = holds(rule, values)
    verb = _WORDS[language][change or ("joined" if inside else "left")]
    said = list(dict.fromkeys(_decisive(rule, values, language, wanted=inside, negated=False)))
    shown, more = said[:_MOST], len(said) - _MOST
    if more > 0:
        shown.append(_WORDS[language]["more"].format(count=more))
    return f"{verb} {segment.title(language)}" + (f": {'; '.join(shown)}" if shown else "")


#: Conditions that a sentence names before it only counts the rest.
_MOST = 3
_INVERSE = {
    "=": "!=", "!=": "=", ">": "<=", ">=": "<", "<": ">=", "<=": ">", "in": "not in", "not in": "in",
    "is known": "is unknown", "is unknown": "is known",
}  # fmt: skip
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "joined": "joined",
        "left": "left",
        "in": "in",
        "not in": "not in",
        "more": "and {count} more",
        "any group": "at least one of these",
        "all group": "all of these",
        "not group": "none of this",
        "no share": "unknown share",
        "no rank": "no place",
        "top": "in the top {value}",
        "bottom": "in the lowest {value}",
        "needs >=": "needs {value} or more",
        "needs >": "needs more than {value}",
        "needs <=": "needs {value} or less",
        "needs <": "needs less than {value}",
        "needs <= counted": "needs {value} or fewer",
        "needs < counted": "needs fewer than {value}",
        "needs =": "needs {value}",
        "needs in": "needs {value}",
        "needs !=": "needs anything but {value}",
        "needs not in": "needs anything but {value}",
        "needs is known": "needs to be known",
        "needs is unknown": "needs to be unknown",
        "needs top": "needs the top {value}",
        "needs bottom": "needs the lowest {value}",
    },
    "pt": {
        "joined": "entrou em",
        "left": "saiu de",
        "in": "está em",
        "not in": "não está em",
        "more": "e mais {count}",
        "any group": "pelo menos um destes",
        "all group": "todos estes",
        "not group": "nada disto",
        "no share": "parte desconhecida",
        "no rank": "sem posição",
        "top": "entre os {value} maiores",
        "bottom": "entre os {value} menores",
        "needs >=": "precisa de {value} ou mais",
        "needs >": "precisa de mais de {value}",
        "needs <=": "precisa de {value} ou menos",
        "needs <": "precisa de menos de {value}",
        "needs =": "precisa ser {value}",
        "needs in": "precisa ser {value}",
        "needs !=": "não pode ser {value}",
        "needs not in": "não pode ser {value}",
        "needs is known": "precisa ser conhecido",
        "needs is unknown": "precisa ser desconhecido",
        "needs top": "precisa estar entre os {value} maiores",
        "needs bottom": "precisa estar entre os {value} menores",
    },
}


def _lines(rule: Rule, values: Mapping[str, Known], language: Language, *, depth: int, head: bool) -> Iterator[Reason]:
    if isinstance(rule, Condition):
        value = values.get(rule.column)
        text = f"{_has(rule, rule.op, value, language)}, {_needs(rule, rule.op, value, language)}"
        yield Reason(text=text, value=value, threshold=rule.value, holds=met(rule, value), depth=depth)
        return
    # The outermost "all" is what everybody expects and needs no head.
    if head or not isinstance(rule, All):
        name = {All: "all group", Any_: "any group", Not: "not group"}[type(rule)]
        text = _WORDS[language][name]
        yield Reason(text=text, value=None, threshold=None, holds=holds(rule, values), depth=depth)
        depth += 1
    parts = (rule.not_,) if isinstance(rule, Not) else rule.all if isinstance(rule, All) else rule.any
    for part in parts:
        yield from _lines(part, values, language, depth=depth, head=True)


def _decisive(
    rule: Rule, values: Mapping[str, Known], language: Language, *, wanted: bool, negated: bool
) -> Iterator[str]:
    """Yield the conditions without which the rule would not have come out as it did (`wanted`)."""
    match rule:
        case Condition():
            value = values.get(rule.column)
            op = _INVERSE[rule.op] if negated else rule.op
            has = _has(rule, op, value, language)
            yield has if wanted != negated else f"{has}, {_needs(rule, op, value, language)}"
        case Not(not_=part):
            yield from _decisive(part, values, language, wanted=not wanted, negated=not negated)
        case All(all=parts) | Any_(any=parts):
            for part in parts:
                if holds(part, values) == wanted:
                    yield from _decisive(part, values, language, wanted=wanted, negated=negated)


def _has(condition: Condition, op: str, value: Known, language: Language) -> str:
    """Return what the customer has: "2 orders in 90 days", "city: Recife"."""
    words, name, feature = _WORDS[language], label(condition, language), condition.feature
    if value is None:
        if isinstance(feature, Rank) or (isinstance(feature, Measure) and feature.agg == "share"):
            return f"{words['no rank' if isinstance(feature, Rank) else 'no share']} {name}"
        return f"{name}: {plain(None, language)}"
    if isinstance(feature, Rank) and isinstance(value, int | float):
        text, _ = _rank(condition, op, value, language)
        return f"{text} {name}"
    text, _ = _figures(condition, value, language)
    counted = isinstance(feature, Sequence) or (isinstance(feature, Measure) and feature.agg not in _MEASURED)
    # "1 orders" reads badly in either language, and labels come in one form only.
    return f"{text} {name}" if counted and text != "1" else f"{name}: {text}"


#: Aggregates that come out in the unit of what they are taken over, so that "12.5 average amount" would not read.
_MEASURED = {"sum", "avg", "min", "max"}


def _needs(condition: Condition, op: str, value: Known, language: Language) -> str:
    words = _WORDS[language]
    if isinstance(condition.feature, Rank) and isinstance(condition.value, int | float):
        _, text = _rank(condition, op, value, language)
        return text
    _, threshold = _figures(condition, value, language)
    counted = words.get(f"needs {op} counted") if _is_counted(condition) else None
    return (counted or words[f"needs {op}"]).format(value=threshold)


def _is_counted(condition: Condition) -> bool:
    feature = condition.feature
    return isinstance(feature, Sequence) or (
        isinstance(feature, Measure) and feature.agg not in _MEASURED and feature.agg != "share"
    )


def _rank(condition: Condition, op: str, value: Known, language: Language) -> tuple[str, str]:
    """Return a place among all customers, and the one that is needed, counted from the end that `op` looks at."""
    words = _WORDS[language]
    end = "bottom" if op in {"<", "<="} else "top"
    assert isinstance(condition.value, int | float)
    places = [condition.value if one is None else float(str(one)) for one in (value, condition.value)]
    has, needs = pair(*(one if end == "bottom" else 1 - one for one in places), percent=True, language=language)
    return words[end].format(value=has), words[f"needs {end}"].format(value=needs)


def _figures(condition: Condition, value: Known, language: Language) -> tuple[str, str]:
    """Return value and threshold as text, with as many digits as it takes to tell them apart."""
    threshold = condition.value
    if is_number(threshold):
        share = isinstance(condition.feature, Measure) and condition.feature.agg == "share"
        has, needs = (float(str(one)) for one in (value if is_number(value) else threshold, threshold))
        return pair(has, needs, percent=share, language=language)
    many = threshold if isinstance(threshold, tuple) else (threshold,)
    texts = [plain(one, language) for one in many if one is not None]
    return plain(value, language), one_of(texts, language) if texts else ""

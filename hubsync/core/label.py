"""What a feature is called by those who read it, where its segment gives it no name of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hubsync.core.measure import Attribute, Measure, Rank, Sequence, Where
from hubsync.core.segment import Condition, Language

#: Event fields in words, counted ("3 orders") and added up ("spend").
_COUNTED: Mapping[Language, Mapping[str, str]] = {
    "en": {"order_id": "orders", "product_id": "products", "category": "categories", "brand": "brands"},
    "pt": {"order_id": "pedidos", "product_id": "produtos", "category": "categorias", "brand": "marcas"},
}
_SUMMED: Mapping[Language, Mapping[str, str]] = {
    "en": {"amount": "spend", "quantity": "items", "discount": "discount"},
    "pt": {"amount": "gasto", "quantity": "itens", "discount": "desconto"},
}
_AGGREGATES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "count": "{events}",
        "sum": "{summed}",
        "avg": "average {field}",
        "min": "lowest {field}",
        "max": "highest {field}",
        "distinct": "{counted}",
        "share": "of {whole}",
        "days_since_last": "days since the last of {events}",
        "days_since_first": "days since the first of {events}",
    },
    "pt": {
        "count": "{events}",
        "sum": "{summed}",
        "avg": "média de {field}",
        "min": "menor {field}",
        "max": "maior {field}",
        "distinct": "{counted}",
        "share": "de {whole}",
        "days_since_last": "dias desde o último de {events}",
        "days_since_first": "dias desde o primeiro de {events}",
    },
}
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "events": "events",
        "in days": " in {days} days",
        "where": " where ",
        "and": " and ",
        "or": " or ",
        "by": "by ",
        "followed": "times that {first} was followed by {then} within {days} days",
        "not followed": "times that {first} was not followed by {then} within {days} days",
        "=": "{field} is {value}",
        "!=": "{field} is not {value}",
        ">": "{field} is over {value}",
        ">=": "{field} is at least {value}",
        "<": "{field} is under {value}",
        "<=": "{field} is at most {value}",
        "in": "{field} is {value}",
        "not in": "{field} is not {value}",
        "is known": "{field} is known",
        "is unknown": "{field} is unknown",
    },
    "pt": {
        "events": "eventos",
        "in days": " em {days} dias",
        "where": " com ",
        "and": " e ",
        "or": " ou ",
        "by": "por ",
        "followed": "vezes em que {first} foi seguido de {then} em até {days} dias",
        "not followed": "vezes em que {first} não foi seguido de {then} em até {days} dias",
        "=": "{field} igual a {value}",
        "!=": "{field} diferente de {value}",
        ">": "{field} acima de {value}",
        ">=": "{field} de pelo menos {value}",
        "<": "{field} abaixo de {value}",
        "<=": "{field} de no máximo {value}",
        "in": "{field} igual a {value}",
        "not in": "{field} diferente de {value}",
        "is known": "{field} conhecido",
        "is unknown": "{field} desconhecido",
    },
}


def label(condition: Condition, language: Language) -> str:
    """Return what a condition compares, in the segment's own words if it has any, else made from the feature."""
    return condition.label.get(language) or feature_label(condition.feature, language)


def feature_label(feature: Measure | Attribute | Rank | Sequence, language: Language) -> str:
    """Return a feature in words, without its value: "orders in 90 days", "average amount"."""
    words = _WORDS[language]
    match feature:
        case Attribute(field=field):
            return field.replace("_", " ")
        case Rank(of=measure):
            return words["by"] + feature_label(measure, language)
        case Sequence(first=first, then=then, within_days=days, followed=followed):
            first_text, then_text = (_filters(part, language) or words["events"] for part in (first, then))
            return words["followed" if followed else "not followed"].format(first=first_text, then=then_text, days=days)
    where = _filters(feature.where, language)
    field = feature.of or ""
    summed = _SUMMED[language].get(field, field.replace("_", " "))
    text = _AGGREGATES[language][feature.agg].format(
        events=words["events"],
        field=field.replace("_", " "),
        summed=summed,
        counted=_COUNTED[language].get(field, field.replace("_", " ")),
        whole=summed if field else words["events"],
    )
    window = words["in days"].format(days=feature.within_days) if feature.within_days else ""
    return text + window + (words["where"] + where if where else "")


def one_of(values: Iterable[object], language: Language) -> str:
    """Return "A, B or C"."""
    *most, last = (str(value) for value in values)
    return ", ".join(most) + _WORDS[language]["or"] + last if most else last


def _filters(filters: tuple[Where, ...], language: Language) -> str:
    """Return filters in words; an event's type by its name alone where it is all there is to say."""
    if len(filters) == 1 and filters[0].field == "event_type" and filters[0].op == "=":
        return str(filters[0].value)
    words = _WORDS[language]
    parts = []
    for one in filters:
        value = one_of(one.value, language) if isinstance(one.value, tuple) else str(one.value)
        parts.append(words[one.op].format(field=one.field.replace("_", " "), value=value))
    return words["and"].join(parts)

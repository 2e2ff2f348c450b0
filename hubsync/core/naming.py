"""How lists in HubSpot are named, so that a portal keeps to one pattern."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hubsync.core.errors import BadInput
from hubsync.core.segment import Language

#: HubSpot does not publish a limit for a list's name; its screen shows about this much.
LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A way to name lists; `{name}` is the behaviour's name, `{quarter}` e.g. "Q1 2025"."""

    key: str
    text: dict[Language, str]

    def name(self, behaviour: str, on: dt.date, language: Language = "en") -> str:
        """Return the list name for a behaviour's name on a day."""
        quarter = f"Q{(on.month + 2) // 3} {on.year}"
        if language == "pt":
            quarter = f"{(on.month + 2) // 3}º tri {on.year}"
        return self.text[language].format(name=behaviour, quarter=quarter)


PATTERNS = (
    Pattern(key="active", text={"en": "[Behaviour] {name} - Active", "pt": "[Comportamento] {name} - Ativo"}),
    Pattern(key="daily", text={"en": "{name} - Daily sync", "pt": "{name} - Sincronização diária"}),
    Pattern(
        key="campaign", text={"en": "{name} - E-mail campaign {quarter}", "pt": "{name} - Campanha de e-mail {quarter}"}
    ),
    Pattern(key="short", text={"en": "BHV - {name}", "pt": "COMP - {name}"}),
)


def check(name: str) -> str:
    """Return the name trimmed, or raise BadInput saying what is wrong with it."""
    name = " ".join(name.split())
    if not name:
        raise BadInput("The list has no name.", "Nothing was sent.", "Give it one, or take a suggested one.")
    if len(name) > LONGEST:
        raise BadInput(
            f"The list name has {len(name)} characters.", "Nothing was sent.", f"Shorten it to {LONGEST} or fewer."
        )
    return name

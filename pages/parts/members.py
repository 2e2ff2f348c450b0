"""A segment's members: a sample, each with why they are in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from hubsync.behaviour.membership import member_table
from hubsync.behaviour.why import sentences
from hubsync.core.email import mask
from hubsync.core.segment import Language, Segment
from pages.parts import room
from pages.parts.figure import number
from pages.parts.language import _, language
from pages.parts.moment import local
from pages.parts.table import moment, table

#: Members shown.
SAMPLE = 100


def draw(segment: Segment, features: str) -> None:
    """Draw the first members by customer id; addresses are masked."""
    rows = _sample(segment.key, features)
    if not rows:
        st.caption(_("Nobody is in this segment at the moment."))
        return
    customers = tuple(row["customer_id"] for row in rows)
    said = _said(segment, f"{segment.key} {features}", customers, language()) if segment.rule else {}
    table(
        [
            {
                "customer": row["customer_id"],
                "email": mask(row["email"]),
                "since": local(row["since"]),
                "why": said.get(row["customer_id"], "").partition(f"{segment.title(language())}: ")[2] or None,
            }
            for row in rows
        ],
        {
            "customer": st.column_config.TextColumn(_("Customer"), pinned=True),
            "email": _("E-mail"),
            "why": st.column_config.TextColumn(_("Why in"), width="large"),
            "since": moment(_("Since")),
        },
        alt=_("Members with the reason they are in"),
    )
    st.caption(_("The first {n} by customer id.").format(n=number(len(rows))))


@st.cache_data(max_entries=32, show_spinner=False)
def _said(_segment: Segment, version: str, customers: tuple[str, ...], language: Language) -> dict[str, str]:
    del version  # the key, with whom and in which language
    return sentences(room.workspace(), _segment, customers, language, "in")


@st.cache_data(max_entries=32, show_spinner=False)
def _sample(key: str, features: str) -> list[dict[str, Any]]:
    del features  # the key: members change with the feature table alone
    return list(member_table(room.workspace(), key, limit=SAMPLE).to_pylist())

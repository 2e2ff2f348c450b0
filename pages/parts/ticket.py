"""Tickets for verified tokens: between Verify and Save a token waits in this process's memory, never in a session."""

from __future__ import annotations

import datetime as dt
import secrets
import threading

import streamlit as st

from pages.parts.moment import now

#: How long a verified token waits to be saved.
LASTS = dt.timedelta(minutes=15)


class Tickets:
    """Keeps what a ticket stands for until it is taken or too old."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, dt.datetime]] = {}

    def put(self, token: str) -> str:
        """Keep a token and return its ticket."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._drop_old()
            self._kept[ticket] = (token, now())
        return ticket

    def take(self, ticket: str) -> str | None:
        """Return the token of a ticket, once; None where it is too old or was taken."""
        with self._lock:
            self._drop_old()
            return self._kept.pop(ticket, ("", now()))[0] or None

    def _drop_old(self) -> None:
        limit = now() - LASTS
        self._kept = {ticket: kept for ticket, kept in self._kept.items() if kept[1] > limit}


@st.cache_resource(show_spinner=False)
def tickets() -> Tickets:
    """Return this server's tickets."""
    return Tickets()

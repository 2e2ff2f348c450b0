"""The workspace behind the pages, opened once for the whole server."""

from __future__ import annotations

import os

import streamlit as st

from hubsync.core.connection import Connection
from hubsync.store import connection as connections
from hubsync.store import segment as segments
from hubsync.store.segment import Version
from hubsync.store.state import State
from hubsync.store.workspace import Workspace


def state() -> State:
    """Return the state of the workspace that HUBSYNC_HOME names."""
    return _open(os.environ.get("HUBSYNC_HOME", ""))


def workspace() -> Workspace:
    """Return the workspace that HUBSYNC_HOME names."""
    return state().workspace


def connection() -> Connection | None:
    """Return the portal in use, or None."""
    return connections.active(state())


def versions() -> list[Version]:
    """Return the current segments, in screen order."""
    return segments.all_current(state())


@st.cache_resource(max_entries=8, show_spinner=False)
def _open(home: str) -> State:
    return State(Workspace.open(home or None))

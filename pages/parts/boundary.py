"""The one place where a page's error becomes something a person can act on."""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

import streamlit as st

from hubsync.core.errors import HubsyncError
from pages.parts.language import _
from pages.parts.markdown import plain

log = logging.getLogger(__name__)
Given = ParamSpec("Given")
#: Where a button's error waits for the page to be drawn.
KEY = "_problem"


@contextmanager
def boundary() -> Iterator[None]:
    """Draw the block; an error of ours is shown in its own words, any other with an id that is in the log too."""
    try:
        yield
    except HubsyncError as error:
        show(error)
    except Exception as error:  # noqa: BLE001 - the boundary: nothing else catches everything
        show(unexpected(error))


def act(does: Callable[Given, None]) -> Callable[Given, None]:
    """Wrap a button's callback; what it raises is shown at the top of the page drawn next."""

    @functools.wraps(does)
    def safely(*args: Given.args, **kwargs: Given.kwargs) -> None:
        try:
            does(*args, **kwargs)
        except HubsyncError as error:
            st.session_state[KEY] = error
        except Exception as error:  # noqa: BLE001 - the boundary of callbacks, which run outside the page
            st.session_state[KEY] = unexpected(error)

    return safely


def pending() -> None:
    """Show, once, what the last button ran into."""
    error = st.session_state.pop(KEY, None)
    if error is not None:
        show(error)


def unexpected(error: Exception) -> HubsyncError:
    """Log an error nobody foresaw, and return it with the id it is found by; its text may hold anything, so no text."""
    number = secrets.token_hex(4)
    log.error("unexpected error %s", number, exc_info=error)
    found = HubsyncError(
        _("Something unexpected happened."),
        _("What was saved before stays saved. The error is in the log under {id}.").format(id=number),
        _("Try again; if it stays, give this id to whoever looks after the dashboard."),
    )
    found.code = f"unexpected {number}"
    return found


def show(error: HubsyncError) -> None:
    """Draw an error: what happened, what was kept, what to do, and its code."""
    parts = [f"**{plain(error.title)}**"]
    if error.detail:
        parts.append(plain(error.detail))
    if error.hint:
        parts.append(f":material/arrow_forward: {plain(error.hint)}")
    parts.append(f":gray[:small[{_('Code')}: {plain(error.code)}]]")
    st.error("\n\n".join(parts), icon=":material/error:")
    st.button(_("Try again"), icon=":material/refresh:", key=f"again {error.code}")

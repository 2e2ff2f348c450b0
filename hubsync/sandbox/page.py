"""The page for people at `/`: what the portal holds and what was last asked of it; drawn on the server, no assets."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hubsync.sandbox.portal import Portal


class Page:
    """Draws the page."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def answer(self, request: Request) -> Response:
        """Answer with the page."""
        del request
        return HTMLResponse(f"<!doctype html><title>Sandbox {self._portal.portal_id}</title>")

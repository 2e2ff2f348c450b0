"""The side door under `/__sandbox__/`: look at the state and the requests, reset, put the clock forward, issue tokens.

It needs no token, for it opens on this machine only; what changes something wants a JSON content type, which no other
site's page can send without asking first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hubsync.sandbox import auth, seed
from hubsync.sandbox.clock import iso
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json


class Admin:
    """Answers the side door."""

    def __init__(self, portal: Portal, source: seed.Source) -> None:
        self._portal = portal
        self._seed = source
        self._answers: dict[tuple[str, str], Callable[[Json], Json]] = {
            ("GET", "state"): self._state,
            ("GET", "requests"): self._requests,
            ("POST", "reset"): self._reset,
            ("POST", "seed"): self._plant,
            ("POST", "tokens"): self._token,
            ("POST", "clock"): self._clock,
        }

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        answer = self._answers.get((request.method, request.url.path.removeprefix("/__sandbox__/").strip("/")))
        if answer is None:
            return JSONResponse({"message": "no such side door"}, status_code=404)
        if request.method == "POST" and not request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"message": "send application/json"}, status_code=415)
        try:
            body = json.loads(await request.body() or b"{}")
            content = answer(body)
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"message": f"{type(error).__name__}: {error}"}, status_code=400)
        self._portal.state.flush()
        return JSONResponse(content)

    def _state(self, _body: Json) -> Json:
        portal = self._portal
        now = portal.now()
        return {
            "portal_id": portal.portal_id,
            "tier": portal.settings.tier.value,
            "limits": portal.settings.limits,
            "now": iso(now),
            "contacts": sum(1 for _ in portal.contacts.living()),
            "archived_contacts": sum(contact.archived_at is not None for contact in portal.state.contacts.values()),
            "custom_properties": [
                row["name"]
                for row in portal.state.properties.values()
                if not row.get("hubspotDefined") and not row["archived"]
            ],
            "lists": [
                {
                    "id": row.id,
                    "name": row.name,
                    "processing_type": row.processing,
                    "size": len(portal.lists.roster(row)),
                }
                for row in portal.lists.all()
            ],
            "emails": len(portal.state.emails),
            "email_events": len(portal.state.events),
            "requests_today": portal.pace.usage(now).used,
        }

    def _requests(self, _body: Json) -> Json:
        return {"requests": [asdict(entry) for entry in self._portal.log]}

    def _reset(self, body: Json) -> Json:
        content = seed.load(body.get("seed", self._seed))
        self._portal.reset()
        seed.plant(self._portal, content)
        return self._state({})

    def _plant(self, body: Json) -> Json:
        seed.plant(self._portal, body)
        return self._state({})

    def _token(self, body: Json) -> Json:
        token = auth.issue(self._portal.state, tuple(str(scope) for scope in body["scopes"]))
        return {"token": token.text, "scopes": list(token.scopes)}

    def _clock(self, body: Json) -> Json:
        self._portal.clock.advance(float(body["advance_seconds"]))
        return {"now": iso(self._portal.now())}

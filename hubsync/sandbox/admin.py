"""The side door under `/__sandbox__/`: look at the state, reset, issue tokens, rule over faults, the clock and life.

It needs no token, for it opens on this machine only; what changes something wants a JSON content type, or is a DELETE:
neither can another site's page send without asking first, which is not granted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hubsync.sandbox import auth, demands, faults, live_log, seed
from hubsync.sandbox.clock import instant, iso
from hubsync.sandbox.live import Life
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json


class Admin:
    """Answers the side door."""

    def __init__(self, portal: Portal, life: Life, source: seed.Source) -> None:
        self._portal = portal
        self._life = life
        self._seed = source
        #: Method and name -> what answers; it gets the body, or else the query, as an object.
        self._answers: dict[tuple[str, str], Callable[[Json], Json]] = {
            ("GET", "state"): self._state,
            ("GET", "requests"): self._requests,
            ("GET", "log"): self._log,
            ("POST", "reset"): self._reset,
            ("POST", "seed"): self._plant,
            ("POST", "tokens"): self._token,
            ("GET", "clock"): self._time,
            ("POST", "clock"): self._clock,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._fault,
            ("DELETE", "faults"): self._no_faults,
            ("POST", "rules"): lambda given: {"rules": demands.put(portal, given["rules"])},
            ("GET", "live"): self._lived,
            ("POST", "live"): self._live,
        }

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        name, _, key = request.url.path.removeprefix("/__sandbox__/").strip("/").partition("/")
        answer = self._answers.get((request.method, name))
        if answer is None or (key and (request.method, name) != ("DELETE", "faults")):
            return JSONResponse({"message": "no such side door"}, status_code=404)
        if request.method == "POST" and not request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"message": "send application/json"}, status_code=415)
        try:
            given = (
                json.loads(await request.body() or b"{}") if request.method == "POST" else dict(request.query_params)
            )
            content = answer(given | {"id": key} if key else given)
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"message": f"{type(error).__name__}: {error}"}, status_code=400)
        self._portal.state.flush()
        return JSONResponse(content)

    def _state(self, _given: Json) -> Json:
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
            "faults": [armed.row()["spec"] for armed in portal.faults.all()],
        }

    def _requests(self, given: Json) -> Json:
        """The latest requests, oldest first; all that are kept, or as many as `last` says."""
        entries = list(self._portal.log)
        return {"requests": [asdict(entry) for entry in entries[-int(given.get("last", len(entries)) or 1) :]]}

    def _log(self, given: Json) -> Json:
        """The truth: `since` and `until` narrow it."""
        return live_log.log(
            self._portal, **{name: iso(instant(given[name])) for name in ("since", "until") if name in given}
        )

    def _reset(self, given: Json) -> Json:
        content = seed.load(given.get("seed", self._seed))
        self._portal.reset()
        seed.plant(self._portal, content)
        self._life.reset()
        return self._state({})

    def _plant(self, given: Json) -> Json:
        seed.plant(self._portal, given)
        return self._state({})

    def _token(self, given: Json) -> Json:
        token = auth.issue(self._portal.state, tuple(str(scope) for scope in given["scopes"]))
        return {"token": token.text, "scopes": list(token.scopes)}

    def _time(self, _given: Json) -> Json:
        clock = self._portal.clock
        return {"now": iso(clock.now()), "ahead_seconds": clock.ahead.total_seconds(), "tick": clock.tick}

    def _clock(self, given: Json) -> Json:
        """Any of `set` (a time), `advance_seconds`, `tick` (seconds a second, 0 to stand still), in this order."""
        clock = self._portal.clock
        if not given.keys() & {"set", "advance_seconds", "tick"}:
            raise KeyError("set, advance_seconds or tick")
        if "set" in given:
            clock.set(instant(str(given["set"])))
        if "advance_seconds" in given:
            clock.advance(float(given["advance_seconds"]))
        if "tick" in given:
            clock.rate(float(given["tick"]))
        self._portal.keep_time()
        return self._time({})

    def _faults(self, _given: Json) -> Json:
        return {"faults": [armed.row() for armed in self._portal.faults.all()]}

    def _fault(self, given: Json) -> Json:
        """Switch one on: its fields, or `spec` as on the command line."""
        fault = faults.read(str(given["spec"])) if "spec" in given else faults.make(given)
        return self._portal.faults.add(fault).row()

    def _no_faults(self, given: Json) -> Json:
        """Switch all off, or the one the path names."""
        if "id" not in given:
            self._portal.faults.clear()
        elif not self._portal.faults.end(given["id"]):
            raise KeyError(f"there is no fault {given['id']}")
        return self._faults({})

    def _lived(self, _given: Json) -> Json:
        return {**self._time({}), "speed": self._life.speed, "diary": self._life.diary}

    def _live(self, given: Json) -> Json:
        """Any of `seed` (of chance), `speed` (seconds a second, 0 ends it), `days` (to let pass now), in this order."""
        if not given.keys() & {"seed", "speed", "days"}:
            raise KeyError("days, speed or seed")
        before = len(self._life.diary)
        if "seed" in given:
            self._life.reseed(int(given["seed"]))
        if "speed" in given:
            self._life.hasten(float(given["speed"]))
        if "days" in given:
            self._life.days(float(given["days"]))
        return {**self._time({}), "speed": self._life.speed, "diary": self._life.diary[before:]}

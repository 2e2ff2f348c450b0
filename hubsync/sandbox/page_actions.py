"""What the buttons of the page do: for the page's own forms only, not for those of another site."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.requests import Request

from hubsync.sandbox import faults
from hubsync.sandbox.clock import iso
from hubsync.sandbox.live import Life
from hubsync.sandbox.portal import Portal

_LONGEST = 10_000
_FAULT_FIELDS = ("kind", "path", "method", "times", "after", "probability", "seed", "seconds", "after_write")


class Unwanted(Exception):  # noqa: N818 - an answer, not a mishap
    """What was asked for is not done; carries the status and, as its message, why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Actions:
    """Does what a form asks for."""

    def __init__(self, portal: Portal, life: Life) -> None:
        self._portal = portal
        self._life = life
        self._known: dict[str, Callable[[dict[str, str]], str]] = {
            "days": self._days,
            "speed": self._speed,
            "advance": self._advance,
            "tick": self._tick,
            "fault": self._fault,
            "end": self._end,
            "calm": self._calm,
            "flow": self._flow,
        }

    def do(self, request: Request, body: bytes) -> str:
        """Do it and return the part of the page where it shows; raises Unwanted."""
        if not _same_origin(request):
            raise Unwanted(403, "This was asked for by another page. Nothing was done.")
        if len(body) > _LONGEST:
            raise Unwanted(413, "That is too much for a form. Nothing was done.")
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        act = self._known.get(form.get("do", ""))
        if act is None:
            raise Unwanted(400, "There is no such button. Nothing was done.")
        try:
            part = act(form)
        except (ValueError, KeyError) as error:
            raise Unwanted(400, f"Nothing was done: {error.args[0] if error.args else error}.") from error
        self._portal.keep_time()
        self._portal.state.flush()
        return part

    def _days(self, form: dict[str, str]) -> str:
        self._life.days(float(form["days"]))
        return "life"

    def _speed(self, form: dict[str, str]) -> str:
        self._life.hasten(float(form["speed"]))
        return "life"

    def _advance(self, form: dict[str, str]) -> str:
        self._portal.clock.advance(float(form["seconds"]))
        return "life"

    def _tick(self, form: dict[str, str]) -> str:
        self._portal.clock.rate(float(form["tick"]))
        return "life"

    def _fault(self, form: dict[str, str]) -> str:
        self._portal.faults.add(faults.make({name: form[name] for name in _FAULT_FIELDS if name in form}))
        return "faults"

    def _end(self, form: dict[str, str]) -> str:
        self._portal.faults.end(form["id"])
        return "faults"

    def _calm(self, _form: dict[str, str]) -> str:
        self._portal.faults.clear()
        return "faults"

    def _flow(self, form: dict[str, str]) -> str:
        """Turn a workflow on or off, as a person does in HubSpot."""
        flow = self._portal.state.flows.get(form["id"])
        if flow is None:
            raise KeyError(f"there is no workflow {form['id']}")
        changed = {
            "isEnabled": form["on"] == "true",
            "updatedAt": iso(self._portal.now()),
            "revisionId": str(int(flow["revisionId"]) + 1),
        }
        self._portal.state.flows.put(form["id"], flow | changed)
        return "workflows"


def _same_origin(request: Request) -> bool:
    """Return whether the page itself asks: browsers say whose page a form was on."""
    origin = request.headers.get("origin")
    if origin is not None:
        return origin == f"http://{request.headers.get('host', '')}"
    return request.headers.get("sec-fetch-site") == "same-origin"

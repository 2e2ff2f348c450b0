"""A bare way to ask a sandbox: status, headers and body as they come."""

from __future__ import annotations

import copy
import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from hubsync.sandbox.server import Sandbox


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Caller:
    """Asks one sandbox over one kept connection."""

    sandbox: Sandbox
    token: str = ""
    _connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.token = self.token or self.sandbox.token
        self._connection = http.client.HTTPConnection(urlsplit(self.sandbox.base_url).netloc, timeout=30)

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        self._connection.request(method, path, body=data, headers=sent)
        answer = self._connection.getresponse()
        return Reply(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            text=answer.read().decode(),
        )

    def with_scopes(self, *scopes: str) -> Caller:
        """Return one that asks the same sandbox with a new token of these scopes."""
        made = self("POST", "/__sandbox__/tokens", {"scopes": list(scopes)})
        other = copy.copy(self)
        other.token = made.json["token"]
        return other

    def ids(self) -> dict[str, str]:
        """Return every contact's id by its primary address."""
        page = self("GET", "/crm/v3/objects/contacts?limit=100").json
        return {row["properties"]["email"]: row["id"] for row in page["results"]}

    def close(self) -> None:
        self._connection.close()

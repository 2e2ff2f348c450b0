"""dlt's REST client, which pages by the absolute link in an answer (`paging.next.link`)."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from bench.clients import install
from bench.clients.truth import Truth

_PATIENCE = 120
_SCRIPT = """
import json, sys
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

base_url, token = sys.argv[1], sys.stdin.readline().strip()
client = RESTClient(
    base_url=base_url, auth=BearerTokenAuth(token), paginator=JSONLinkPaginator(next_url_path="paging.next.link")
)
rows, urls = [], []
for page in client.paginate("/crm/v3/objects/contacts", params={"limit": 7, "properties": "email,firstname"}):
    urls.append(page.response.url)
    rows.extend(page)
print(json.dumps({"rows": rows, "urls": urls}))
"""


def read(base_url: str, token: str, *, may_install: bool = False) -> dict[str, Any]:
    """Return the `rows` of all contacts and the `urls` that were followed; raises install.Absent."""
    python = install.python_with(install.DLT, install=may_install)
    command = [str(python), "-c", _SCRIPT, base_url]
    done = subprocess.run(command, input=token, capture_output=True, text=True, timeout=_PATIENCE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def differences(found: dict[str, Any], base_url: str, truth: Truth) -> list[str]:
    """Return what was read otherwise than the sandbox holds it, in words."""
    told = [f"left for {url}" for url in found["urls"] if not url.startswith(f"{base_url}/")]
    rows = {row["id"]: row["properties"] for row in found["rows"]}
    if len(rows) != len(found["rows"]) or rows.keys() != truth.contacts.keys():
        told.append(f"{len(found['rows'])} rows, {len(rows)} of them different, {len(truth.contacts)} held")
    told += [
        f"contact {contact_id}: {name} is {rows[contact_id][name]!r}"
        for contact_id in rows.keys() & truth.contacts.keys()
        for name in ("email", "firstname")
        if rows[contact_id][name] != truth.contacts[contact_id].get(name)
    ]
    return told

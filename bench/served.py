"""A sandbox in a process of its own, so that its work is not counted as the client's."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Served:
    """Where it listens, and who may ask."""

    base_url: str
    token: str
    portal_id: int


@contextmanager
def sandbox(contacts: int, *, limits: str = "off", tier: str = "professional") -> Iterator[Served]:
    """Serve a portal of so many contacts."""
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "seed.json"
        people = [{"properties": {"email": f"person{n}@example.com", "firstname": f"P{n}"}} for n in range(contacts)]
        seed.write_text(json.dumps({"contacts": people, "emails": [], "email_events": [], "lists": []}))
        command = [sys.executable, "-m", "hubsync.sandbox", "--port", "0", "--limits", limits, "--tier", tier]
        process = subprocess.Popen([*command, "--seed", str(seed)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            yield Served(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait()

"""A portal in a process of its own: programs that fork have no threads."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any


@contextmanager
def serving(content: dict[str, Any], *, limits: str = "off", tier: str = "professional") -> Iterator[SimpleNamespace]:
    """Serve a portal that holds `content`; yields its base_url, token and portal_id."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "seed.json"
        file.write_text(json.dumps(content))
        command = [sys.executable, "-m", "hubsync.sandbox", "--limits", limits, "--tier", tier, "--seed", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                yield SimpleNamespace(**json.loads(process.stdout.readline()))
            finally:
                process.terminate()

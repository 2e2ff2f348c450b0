"""Where the clients of others lie: each in a folder of its own in the user's cache, apart from this product."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

NODE_CLIENT = "@hubspot/api-client@13.5.0"
TAP = "tap-hubspot==4.5.0"
DLT = "dlt==1.31.0"
#: Seconds for one installation.
_PATIENCE = 300


class Absent(Exception):  # noqa: N818 - a reason to skip, not a mishap
    """A client that is not here; the message says why and what to do."""


def python_with(package: str, *, install: bool = False) -> Path:
    """Return the Python of an environment that holds a package; raises Absent."""
    folder = _folder(package)
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        _may(package, install=install)
        venv.create(folder, with_pip=True, clear=True)
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", package], package)
        (folder / "ready").touch()
    return python


def node_with(package: str, *, install: bool = False) -> Path:
    """Return the folder whose `node_modules` holds a package; raises Absent."""
    if shutil.which("node") is None:
        raise Absent("node is not installed on this machine")
    folder = _folder(package)
    if not (folder / "ready").exists():
        _may(package, install=install)
        if shutil.which("npm") is None:
            raise Absent("npm is not installed on this machine")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        # Nothing of what is installed runs code of its own while it is.
        _run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", package], package, folder)
        (folder / "ready").touch()
    return folder


def _folder(package: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = "".join(sign if sign.isalnum() or sign in ".-" else "_" for sign in package)
    return cache / "hubsync" / "clients" / f"{name}-py{sys.version_info.major}{sys.version_info.minor}"


def _may(package: str, *, install: bool) -> None:
    if not install:
        raise Absent(f"{package} is not installed; `python -m bench.clients` installs and runs it")


def _run(command: list[str], package: str, folder: Path | None = None) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise Absent(f"{package} could not be installed within {_PATIENCE} s") from None
    if done.returncode:
        raise Absent(f"{package} could not be installed: {done.stderr.strip()[-300:]}")

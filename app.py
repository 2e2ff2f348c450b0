"""The server: the pages, the worker and the demo's sandbox in one process, and /healthz.

Run it from the repository's root: streamlit run app.py
"""

from __future__ import annotations

import importlib
import logging
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import dotenv
import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ROOT = Path(__file__).parent
if str(ROOT) not in sys.path:  # `uvicorn --app-dir` and `python app.py` find the packages beside this file too
    sys.path.insert(0, str(ROOT))

from pages.parts.access import is_loopback  # noqa: E402 - needs the path above

log = logging.getLogger("hubsync.app")
#: Slow to import; done beside the first page instead of in it.
WARM = ("pandas", "plotly.graph_objects", "duckdb", "ibis", "statsmodels.stats.proportion")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Keep worker and sandbox running for as long as the server does."""
    from pages.parts.machinery import machinery  # noqa: PLC0415 - caches need the server's runtime, which now runs

    threading.Thread(target=warm, name="warm", daemon=True).start()
    works = await anyio.to_thread.run_sync(machinery)
    await anyio.to_thread.run_sync(works.start)
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(works.stop)


def refuse_public(address: str | None) -> None:
    """Leave where others could open the pages: there is no login yet, and whoever opens them is admin."""
    if not is_loopback(address):
        sys.exit(
            f"✗ The dashboard does not start on {address or 'all addresses'}.\n"
            "It has no login yet, so it listens to this machine only; nothing was started.\n"
            "→ Leave server.address at 127.0.0.1. From elsewhere: ssh -L 8501:127.0.0.1:8501 THIS_MACHINE"
        )


def warm() -> None:
    """Import what the first page would wait for."""
    for name in WARM:
        importlib.import_module(name)


def health(_: Request) -> JSONResponse:
    """Answer that the server serves."""
    return JSONResponse({"ok": True})


refuse_public(st.get_option("server.address"))
dotenv.load_dotenv(ROOT / ".env")
app = st.App(ROOT / "pages" / "main.py", lifespan=lifespan, routes=[Route("/healthz", health)])

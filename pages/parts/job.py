"""Work that outlives the page that asked for it: pulling, loading the demo, recomputing."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from hubsync.core.errors import HubsyncError
from pages.parts.boundary import show, unexpected
from pages.parts.language import _
from pages.parts.markdown import plain
from pages.parts.moment import ago, now

#: How often a page looks at what runs, in seconds.
EVERY = 1.0
#: A piece of work: is given whom to tell its steps, and returns what came of it, in words.
Work = Callable[[Callable[[str], None]], str]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of work and how it stands."""

    #: What it does, in the words of whoever started it.
    title: str
    started_at: dt.datetime
    #: The steps it told of, the one under way last.
    steps: tuple[str, ...] = ()
    done: bool = False
    #: What came of it, in words.
    result: str = ""
    error: HubsyncError | None = None


class Jobs:
    """At most one job of a name at a time, each in a thread; the newest of each name is remembered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._threads: dict[str, threading.Thread] = {}

    def start(self, name: str, title: str, work: Work) -> None:
        """Set `work` going, unless a job of this name still is; a second click is the same job."""
        with self._lock:
            if name in self._jobs and not self._jobs[name].done:
                return
            self._jobs[name] = Job(title=title, started_at=now())
            thread = self._threads[name] = threading.Thread(target=self._run, args=(name, work), daemon=True)
        thread.start()

    def get(self, name: str) -> Job | None:
        """Return the newest job of a name."""
        return self._jobs.get(name)

    def wait(self, name: str) -> None:
        """Return once the job of a name has ended."""
        if name in self._threads:
            self._threads[name].join()

    def forget(self, name: str) -> None:
        """Drop a finished job, once its end was read."""
        with self._lock:
            if name in self._jobs and self._jobs[name].done:
                del self._jobs[name]

    def _tell(self, name: str, step: str) -> None:
        job = self._jobs[name]
        self._jobs[name] = replace(job, steps=(*job.steps, step))

    def _run(self, name: str, work: Work) -> None:
        result, error = "", None
        try:
            result = work(partial(self._tell, name))
        except HubsyncError as ours:
            error = ours
        except Exception as other:  # noqa: BLE001 - a thread's boundary: what it raises is shown on the page
            error = unexpected(other)
        self._jobs[name] = replace(self._jobs[name], done=True, result=result, error=error)


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the server's jobs."""
    return Jobs()


def watch(name: str) -> bool:
    """Draw how a job stands, until its end was read; returns whether it still runs."""
    job = jobs().get(name)
    if job is None:
        return False
    if not job.done:
        _watching(name)
        return True
    if job.error is not None:
        show(job.error)
    else:
        st.success(plain(job.result), icon=":material/check_circle:")
    st.button(_("Close"), key=f"close {name}", on_click=jobs().forget, args=(name,))
    return False


@st.fragment(run_every=EVERY)
def _watching(name: str) -> None:
    job = jobs().get(name)
    if job is None or job.done:
        st.rerun()
    title = f"{plain(job.title)} · {_('started {when}').format(when=ago(job.started_at))}"
    with st.status(title, state="running", expanded=bool(job.steps)):
        for step in job.steps:
            st.markdown(plain(step))

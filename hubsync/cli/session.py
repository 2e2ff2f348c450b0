"""What most commands start from: the workspace, its state, the clock, who asks, and the way to the portal."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hubsync.core.connection import Connection
from hubsync.core.segment import Segment
from hubsync.store import connection as connections
from hubsync.store import segment as segments
from hubsync.store.state import State
from hubsync.store.workspace import Workspace

if TYPE_CHECKING:
    from hubsync.portal.gateway import Gateway

Home = Annotated[Path | None, typer.Option("--home", help="Workspace folder [HUBSYNC_HOME, else data/workspace].")]
Machine = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for scripts.")]


def now() -> dt.datetime:
    """Return the time, in UTC."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One command's workspace."""

    workspace: Workspace
    state: State
    #: Who asks, as history and audit show it.
    by: str

    @classmethod
    def open(cls, home: Path | None) -> Session:
        """Open the workspace, making it on first use."""
        workspace = Workspace.open(home)
        return cls(workspace=workspace, state=State(workspace), by=f"{getpass.getuser()} (command line)")

    @property
    def segments(self) -> list[Segment]:
        """The current segments."""
        return [version.segment for version in segments.all_current(self.state)]

    @property
    def versions(self) -> dict[str, int]:
        """The current segments' versions."""
        return {version.segment.key: version.version for version in segments.all_current(self.state)}

    @contextmanager
    def portal(self) -> Iterator[tuple[Connection, Gateway]]:
        """Yield the connection in use and a gateway to it; raises NotConnected."""
        from hubsync.embedded import Embedded
        from hubsync.portal.connection import open_gateway

        with Embedded(self.state) as embedded:
            connection = embedded.ensure(connections.required(self.state))
            token = connections.token(self.state, connection)
            with open_gateway(connection, token, self.workspace) as gateway:
                yield connection, gateway

    @contextmanager
    def gateways(self) -> Iterator[Callable[[Connection], Gateway]]:
        """Yield what opens the way to a portal, for work that outlives a connection: a new one gets a new gateway."""
        from hubsync.embedded import Embedded
        from hubsync.portal.connection import open_gateway

        with Embedded(self.state) as embedded, ExitStack() as stack:
            opened: dict[Connection, Gateway] = {}

            def gateway(connection: Connection) -> Gateway:
                found = embedded.ensure(connection)
                if found not in opened:
                    token = connections.token(self.state, found)
                    opened[found] = stack.enter_context(open_gateway(found, token, self.workspace))
                return opened[found]

            yield gateway

"""Install the clients of others where they are missing, run each against a sandbox, and print what differs."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench.clients import install, links, node, tap
from bench.clients.seed import SEED
from bench.clients.truth import Truth, held
from hubsync.sandbox.portal import Settings
from hubsync.sandbox.server import Sandbox

CLIENTS: dict[str, Callable[[Sandbox, Truth], list[str]]] = {
    install.TAP: lambda sandbox, truth: tap.differences(
        tap.read(sandbox.base_url, sandbox.token, may_install=True), truth
    ),
    install.DLT: lambda sandbox, truth: links.differences(
        links.read(sandbox.base_url, sandbox.token, may_install=True), sandbox.base_url, truth
    ),
    install.NODE_CLIENT: lambda sandbox, truth: node.differences(
        node.run(sandbox.base_url, sandbox.token, may_install=True), truth
    ),
}


def main() -> int:
    """Print a line for each client; return 1 where one read otherwise than the sandbox holds, or is missing."""
    failed = 0
    for name, differences in CLIENTS.items():
        with Sandbox(seed=SEED, settings=Settings(processing_seconds=0, search_lag=0)) as sandbox:
            truth = held(sandbox.base_url, sandbox.token)
            size = f"{len(truth.contacts)} contacts, {len(truth.lists)} lists, {len(truth.memberships)} memberships"
            try:
                told = differences(sandbox, truth)
            except install.Absent as reason:
                told = [str(reason)]
        print(f"{name}: {size}: {'as held' if not told else f'{len(told)} differences'}")
        print("".join(f"  {line}\n" for line in told[:20]), end="")
        failed |= bool(told)
    return failed


if __name__ == "__main__":
    sys.exit(main())

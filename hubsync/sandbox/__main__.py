"""`python -m hubsync.sandbox`: serves a HubSpot on this machine in the foreground."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hubsync.sandbox.live import DEFAULT_SPEED
from hubsync.sandbox.pace import Tier
from hubsync.sandbox.portal import DEFAULT_PORTAL
from hubsync.sandbox.server import serve


def main() -> int:
    """Read the options and serve; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hubsync.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--portal-id", type=int, default=DEFAULT_PORTAL)
    parser.add_argument("--tier", choices=[tier.value for tier in Tier], default="professional")
    parser.add_argument("--seed", default="empty", help="empty, demo, or a JSON file; only a new portal is filled")
    parser.add_argument("--limits", choices=["on", "off"], default="on", help="whether rate limits are enforced")
    parser.add_argument("--state", type=Path, help="a file that keeps everything over a restart")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="SPEC",
        help="what shall go wrong, e.g. '502 path=*/batch/update times=2'; may be given again",
    )
    parser.add_argument(
        "--live",
        type=float,
        nargs="?",
        const=DEFAULT_SPEED,
        default=0.0,
        metavar="SPEED",
        help=f"let life go on in it, at SPEED seconds a second ({DEFAULT_SPEED:.0f}, a day a minute, if not said)",
    )
    options = parser.parse_args()
    try:
        serve(
            port=options.port,
            portal_id=options.portal_id,
            tier=options.tier,
            seed=options.seed,
            limits=options.limits == "on",
            state=options.state,
            faults=options.fault,
            live=options.live,
        )
    except (ValueError, OSError) as error:
        sys.stderr.write(f"The sandbox cannot start: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A power cut while SQLite commits: of the last transaction in the write-ahead log, only a part reached the disk.

With `synchronous = full` whatever was committed before is on the disk already. Format of the file:
https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import os
import random
import struct
from pathlib import Path

_HEADER, _FRAME = 32, 24


def cut(database: Path, chance: random.Random) -> str:
    """Spoil the end of the log as a power cut may, and return how: "truncated", "torn", or "" where it is empty.

    Nobody may have the database open. The index of the log lives in memory, so it is gone.
    """
    log = database.with_name(database.name + "-wal")
    if not log.exists():
        return ""
    data = bytearray(log.read_bytes())
    found = _last_transaction(data)
    if found is None:
        return ""
    start, end = found
    at = chance.randrange(start, end)  # from none of it to all but its last byte
    if how := chance.random() < 0.5:
        del data[at:]
    else:  # the file grew, its pages hold what was there before
        data[at:end] = chance.randbytes(end - at)
    log.write_bytes(data)
    shared = database.with_name(database.name + "-shm")
    if shared.exists():
        os.unlink(shared)  # noqa: PTH108 - as the system does
    return "truncated" if how else "torn"


def _last_transaction(data: bytes) -> tuple[int, int] | None:
    """Return where the frames of the last committed transaction begin and end."""
    if len(data) < _HEADER:
        return None
    size, salts = struct.unpack(">I", data[8:12])[0], data[16:24]
    at = start = before = _HEADER
    found = False
    while at + _FRAME + size <= len(data) and data[at + 8 : at + 16] == salts:  # older frames have other salts
        commits = struct.unpack(">I", data[at + 4 : at + 8])[0]
        at += _FRAME + size
        if commits:
            before, start, found = start, at, True
    return (before, start) if found else None

"""Sealing of secrets: the key lies in the user's configuration folder, never beside what it seals."""

from __future__ import annotations

import os
from pathlib import Path

from hubsync.core.errors import HubsyncError

#: Nobody but the owner may read or write the key.
MODE = 0o600


def key_file() -> Path:
    """Return where the key lies: `hubsync/token.key` under XDG_CONFIG_HOME, or under ~/.config."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "hubsync" / "token.key"


def seal(text: str) -> bytes:
    """Return `text` encrypted and authenticated (Fernet); makes the key on first use."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - most commands seal nothing

    return Fernet(_key(make=True)).encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """Return what was sealed; HubsyncError where the key is gone or another one."""
    from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415

    try:
        return Fernet(_key(make=False)).decrypt(sealed).decode()
    except (InvalidToken, ValueError) as error:
        raise HubsyncError(
            "The saved token cannot be read with this key.",
            f"The key in {key_file()} is not the one it was sealed with; everything else is kept.",
            "Connect again with the token, or put the old key back.",
        ) from error


def _key(*, make: bool) -> bytes:
    path = key_file()
    if make and not path.exists():
        from cryptography.fernet import Fernet  # noqa: PLC0415

        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb") as file:  # noqa: PTH123 - needs the mode at creation
            file.write(Fernet.generate_key())
        try:
            path.hardlink_to(draft)  # fails where another process was quicker, and theirs is kept
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        if path.stat().st_mode & 0o077:
            raise HubsyncError(
                "The key of the saved token is open to others.",
                f"{path} may be read or written by more than its owner, so it is not used.",
                f"Run: chmod 600 {path} – and connect again with a new token if others may have read it.",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise HubsyncError(
            "The key of the saved token is missing.",
            f"{path} does not exist; everything but the token is kept.",
            "Connect again with the token, or put the key back.",
        ) from error

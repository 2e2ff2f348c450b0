"""How one becomes the other: preview, run, undo."""

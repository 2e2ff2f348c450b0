"""Where state lives: one SQLite file and immutable Parquet snapshots."""

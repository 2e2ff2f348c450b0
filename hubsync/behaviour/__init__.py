"""What customers do: load data, compute measures, know who is in which segment."""

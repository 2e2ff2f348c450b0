"""Our copy of the portal: pulled, kept as snapshots."""

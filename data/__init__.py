"""Data the product is shown with, and the workspace it writes to."""

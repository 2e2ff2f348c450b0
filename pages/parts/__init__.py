"""What the pages are drawn with, one noun per file."""

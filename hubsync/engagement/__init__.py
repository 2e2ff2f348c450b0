"""What came back: metrics per segment, with intervals."""

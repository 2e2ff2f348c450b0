"""Behaviour segments, kept in step with HubSpot."""

__version__ = "0.1.0"

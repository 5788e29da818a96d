"""Pulse: feeds in, checked posts out. See ARCHITECTURE.md for the map of the rooms."""

__version__ = "2.0.0"

"""Measurements: `python -m benchmarks.feeds --help`."""

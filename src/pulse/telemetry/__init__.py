"""Logs, traces and metrics, set up once by `app.py`."""

"""Ways to a reader: one adapter a platform, behind one port (`port.py`)."""

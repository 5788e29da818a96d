"""One file for each page: reads what it needs from the services, fills in its templates."""

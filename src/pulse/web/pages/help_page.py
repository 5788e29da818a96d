"""The first steps, the words of the pages, and the keys."""

from starlette.responses import Response

from pulse.web.visit import Visit


async def show(visit: Visit) -> Response:
    """Show the page."""
    return visit.page("help.html")

"""What can go wrong between a browser and the pages."""

from pulse.i18n import message
from pulse.kernel.errors import Kind, PulseError


class ForeignRequest(PulseError):
    """A form was sent from a page that is not ours, or the browser does not say from which."""

    code = "web.foreign_request"
    kind = Kind.FORBIDDEN
    next_step = message(
        "Open Pulse itself and do it there. Behind a proxy, set PULSE_HTTP__PUBLIC_URL to the address you use."
    )


class BadForm(PulseError):
    """A form came without something it needs, or with something that cannot be."""

    code = "web.bad_form"
    kind = Kind.INVALID
    next_step = message("Go back, correct it and send it again.")


class NoSuchPage(PulseError):
    """Nothing is shown at this address."""

    code = "web.no_such_page"
    kind = Kind.NOT_FOUND
    next_step = message("Follow one of the links above, or go to the overview.")


class ServiceAway(PulseError):
    """A service that the page needs does not answer."""

    code = "web.service_away"
    kind = Kind.UNAVAILABLE
    next_step = message("Nothing is lost meanwhile. Start the service, or look at its log, and try again.")

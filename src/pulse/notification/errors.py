"""What can go wrong in the notification room."""

from pulse.kernel.errors import Kind, PulseError


class NoSuchNotice(PulseError):
    """The workspace has no notice of that id."""

    code = "notification.no_such_notice"
    kind = Kind.NOT_FOUND
    next_step = "List them with GET /notices; old ones are forgotten."


class BadPlace(PulseError):
    """The Last-Event-ID is not an id that this stream gave out."""

    code = "notification.bad_place"
    kind = Kind.INVALID
    next_step = "Send the id of the last event received, unchanged, or none to begin with what comes now."


class ForeignOrigin(PulseError):
    """A page of another site tried to use this browser's session."""

    code = "notification.foreign_origin"
    kind = Kind.FORBIDDEN
    next_step = "Open the stream from a page of Pulse, or send a bearer token."


class ShuttingDown(PulseError):
    """The process is ending and opens no more streams."""

    code = "notification.shutting_down"
    kind = Kind.UNAVAILABLE
    next_step = "Connect again in a moment; events are resumed by Last-Event-ID."

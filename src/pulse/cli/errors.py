"""What can go wrong in the command line itself."""

from pulse.kernel.errors import Kind, PulseError


class PortTaken(PulseError):
    """Another program listens on the port, or this user may not."""

    code = "cli.port_taken"
    kind = Kind.CONFLICT
    next_step = "Choose another port with --port (0 takes a free one), or end the program that has it."


class UnreadableFile(PulseError):
    """A file named on the command line cannot be read."""

    code = "cli.unreadable_file"
    kind = Kind.INVALID
    next_step = "Check the path and that you may read it."


class UnknownChannel(PulseError):
    """An option names a channel that is not there."""

    code = "cli.unknown_channel"
    kind = Kind.INVALID
    next_step = "List the channels with `pulse channel list`, or add one with `pulse channel add`."


class NoSecret(PulseError):
    """A channel needs a secret and none was given."""

    code = "cli.no_secret"
    kind = Kind.INVALID
    next_step = "Put it in PULSE_CHANNEL_SECRET, or name --secret-file PATH or --secret-env NAME."


class HttpStatus(PulseError):
    """A server answered, but not with the document."""

    code = "cli.http_status"
    kind = Kind.UNAVAILABLE
    next_step = "Open the address in a browser; perhaps it has moved, or asks for a sign-in."


class NoArticle(PulseError):
    """A web page holds no text that reads like an article."""

    code = "cli.no_article"
    kind = Kind.NOT_FOUND
    next_step = "Look at the page in a browser: its text may come by script, or be behind a sign-in."

"""What can go wrong with the log and the queue."""

from pulse.kernel.errors import Kind, PulseError


class ConcurrentAppend(PulseError):
    """Another writer appended to the aggregate at the version this one expected to be its own."""

    code = "bus.concurrent_append"
    kind = Kind.CONFLICT
    next_step = "Read it again and repeat the change on what is there now."


class UnknownEvent(PulseError):
    """No event of that name or version is known to this version of Pulse."""

    code = "bus.unknown_event"
    kind = Kind.INTERNAL
    next_step = "Start the version of Pulse that wrote it; the event stays in the log."


class UnknownQueue(PulseError):
    """Work lies in a queue that no service of this process serves."""

    code = "bus.unknown_queue"
    kind = Kind.INTERNAL
    next_step = "Start the service that the queue's name begins with."


class NotProjected(PulseError):
    """The service keeps no tables that can be rebuilt from the log."""

    code = "bus.not_projected"
    kind = Kind.INVALID
    next_step = "Choose one of the services that the message names."

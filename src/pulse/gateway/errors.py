"""What can go wrong between the caller and a service."""

from pulse.kernel.errors import Kind, PulseError


class NoSuchPath(PulseError):
    """No service serves this path."""

    code = "gateway.no_such_path"
    kind = Kind.NOT_FOUND
    next_step = "See /docs for what there is."


class ServiceUnreachable(PulseError):
    """The service that serves this path does not answer."""

    code = "gateway.service_unreachable"
    kind = Kind.UNAVAILABLE
    next_step = "Start the service, or correct its address under PULSE_PEERS__; then try again."

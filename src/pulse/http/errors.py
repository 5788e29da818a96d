"""What can go wrong before a service is reached, or on the way to another one."""

from pulse.kernel.errors import Kind, PulseError


class NotAuthenticated(PulseError):
    """No token, or one that is expired or not ours."""

    code = "http.not_authenticated"
    kind = Kind.UNAUTHENTICATED
    next_step = "Send `Authorization: Bearer TOKEN`; `pulse token` makes one."


class NotPermitted(PulseError):
    """The token is good, but its role may not do this."""

    code = "http.not_permitted"
    kind = Kind.FORBIDDEN
    next_step = "Ask an owner of the workspace for a role that may."


class KeyReused(PulseError):
    """The same Idempotency-Key came with another request."""

    code = "http.idempotency_key_reused"
    kind = Kind.CONFLICT
    next_step = "Use a new key for each new request, and the same key only to repeat one."


class BadRequest(PulseError):
    """The request is not of the documented shape."""

    code = "http.bad_request"
    kind = Kind.INVALID
    next_step = "Compare it with /docs."


class NotJson(PulseError):
    """The body is of a type that the route does not read."""

    code = "http.not_json"
    kind = Kind.WRONG_TYPE
    next_step = "Send JSON, and say so: `Content-Type: application/json`."


class BodyTooLarge(PulseError):
    """The body is larger than Pulse reads."""

    code = "http.body_too_large"
    kind = Kind.TOO_LARGE
    next_step = "Send less, or raise PULSE_HTTP__MAX_BODY_BYTES."


class PeerUnavailable(PulseError):
    """Another service of Pulse does not answer."""

    code = "http.peer_unavailable"
    kind = Kind.UNAVAILABLE
    next_step = "Start the service, or correct its address under PULSE_PEERS__."


class PeerRefused(PulseError):
    """Another service of Pulse answered with an error."""

    code = "http.peer_refused"
    kind = Kind.INTERNAL
    next_step = "Look at the log of that service for the same trace id."

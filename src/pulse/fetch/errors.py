"""What can go wrong at the door, by name.

Every error says in `sent` whether the request may have reached the server. False is a promise: not one byte of
the request was written, so it may be repeated without doing anything twice. True means "it may have arrived".
"""

from typing import Any

from pulse.kernel.errors import Kind, PulseError


class FetchError(PulseError):
    """The base of what a `Fetcher` raises."""

    code = "fetch.failed"
    kind = Kind.UNAVAILABLE
    next_step = "Open the address in a browser; Pulse tries again by itself."

    def __init__(self, message: str, *, url: str, sent: bool, **details: Any) -> None:
        super().__init__(message, url=url, **details)
        self.url = url
        self.sent = sent


class BadUrl(FetchError):
    """The address is not one that can be fetched: no http or https, no host, or not well formed."""

    code = "fetch.bad_url"
    kind = Kind.INVALID
    next_step = "Give an address that starts with http:// or https:// and names a host."


class BadRequest(FetchError):
    """A header or the body of the request cannot be sent as HTTP."""

    code = "fetch.bad_request"
    kind = Kind.INVALID
    next_step = "Correct the value named in the message; a token pasted with a line break is the usual cause."


class AddressRefused(FetchError):
    """The host is, or resolves to, an address outside the public internet."""

    code = "fetch.address_refused"
    kind = Kind.FORBIDDEN
    next_step = "If this host is meant to be reached, the operator adds it to PULSE_FETCH__ALLOW_HOSTS."


class HostNotFound(FetchError):
    """The name service does not know the host."""

    code = "fetch.host_not_found"
    next_step = "Check the spelling of the host; if it is right, its name service may be down for the moment."


class ConnectFailed(FetchError):
    """No connection to the server could be made."""

    code = "fetch.connect_failed"
    next_step = "Check that the server is up and that the port is right; Pulse tries again by itself."


class TlsFailed(FetchError):
    """The server could not prove with TLS that it is who the address names."""

    code = "fetch.tls_failed"
    next_step = "The server's certificate has to be renewed or corrected by whoever runs it."


class FetchTimedOut(FetchError):
    """The answer, with all its redirects, was not complete in time."""

    code = "fetch.timed_out"
    next_step = "The server is slow or silent; Pulse tries again by itself, PULSE_FETCH__TIMEOUT_SECONDS is the limit."


class Disconnected(FetchError):
    """The server closed the connection before its answer was complete."""

    code = "fetch.disconnected"


class BadAnswer(FetchError):
    """What came back is not HTTP, or its headers are larger than anybody needs."""

    code = "fetch.bad_answer"
    next_step = "Check that an HTTP server listens at that address and port."


class BadEncoding(FetchError):
    """The body's Content-Encoding is not one we asked for, or its data are broken."""

    code = "fetch.bad_encoding"
    next_step = "The server compresses wrongly; whoever runs it has to correct it."


class TooLarge(FetchError):
    """The body, after decompression, is larger than allowed."""

    code = "fetch.too_large"
    kind = Kind.TOO_LARGE
    next_step = "If answers of this size are wanted, raise PULSE_FETCH__MAX_BYTES."


class TooManyRedirects(FetchError):
    """The server sends from address to address without end."""

    code = "fetch.too_many_redirects"
    next_step = "Open the address in a browser and give the address it ends at."

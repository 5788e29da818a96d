"""The one guarded door to the outside.

Owns: every outgoing request to an address that a user or a document gave, and the rules it obeys: only the public
internet (checked where the socket is made, on every redirect), sizes after decompression, times, places per host.
Never: knows what it fetches, keeps cookies, uses a proxy of the environment, or follows a redirect of a POST.
"""

from pulse.fetch.fetcher import Fetcher
from pulse.fetch.response import Redirect, Response
from pulse.fetch.retry import retry_after

__all__ = ["Fetcher", "Redirect", "Response", "retry_after"]

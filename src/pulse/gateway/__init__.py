"""The gateway: one address over all services.

Owns: no tables. Routes every path to the service that serves it, in this process or elsewhere; the API document;
the public site; the pages of `web`.
Never: answers for a service, adds rights to a caller.
"""

"""What can go wrong in the demo world."""

from pulse.kernel.errors import Kind, PulseError


class BadCorpus(PulseError):
    """A file of the corpus cannot be read; the message names it."""

    code = "demo.bad_corpus"
    kind = Kind.INTERNAL
    next_step = "Compare the file with the description at the top of pulse/demo/corpus.py, or reinstall Pulse."


class NoPds(PulseError):
    """There is no Bluesky server for the demo to publish to; the message says what is missing."""

    code = "demo.no_pds"
    kind = Kind.UNAVAILABLE
    next_step = "`pulse demo --with-bluesky` installs one, in a checkout, with npm; or go without it."

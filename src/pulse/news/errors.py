"""What can go wrong in the news room, by name."""

from pulse.kernel.errors import Kind, PulseError


class UnknownNiche(PulseError):
    """There is no niche of that name."""

    code = "news.unknown_niche"
    kind = Kind.NOT_FOUND
    next_step = "List the niches (GET /niches, or `pulse sources`), or create it first."


class NicheExists(PulseError):
    """A niche of that name is there already."""

    code = "news.niche_exists"
    kind = Kind.CONFLICT
    next_step = "Choose another name, or change the one that is there."


class BadNiche(PulseError):
    """A niche cannot have that name or language."""

    code = "news.bad_niche"
    kind = Kind.INVALID
    next_step = "Use lower-case letters, digits and dashes for the name, a tag like `en` for the language."


class UnknownSource(PulseError):
    """There is no source of that id."""

    code = "news.unknown_source"
    kind = Kind.NOT_FOUND
    next_step = "List the sources (GET /sources) and use an id from there."


class SourceExists(PulseError):
    """The niche has that feed already."""

    code = "news.source_exists"
    kind = Kind.CONFLICT
    next_step = "Nothing is to be done: the feed is polled already."


class NoFeedFound(PulseError):
    """The address is neither a feed nor a page that names one."""

    code = "news.no_feed_found"
    kind = Kind.INVALID
    next_step = "Open the site, look for its RSS or Atom link, and give that address."


class UnknownArticle(PulseError):
    """There is no article of that id."""

    code = "news.unknown_article"
    kind = Kind.NOT_FOUND
    next_step = "List the articles (GET /articles) and use an id from there."


class UnknownStory(PulseError):
    """There is no story of that id."""

    code = "news.unknown_story"
    kind = Kind.NOT_FOUND
    next_step = "List the stories (GET /stories) and use an id from there."


class NotAFeed(PulseError):
    """The document is no RSS, Atom or JSON Feed; the message says what it looks like."""

    code = "news.not_a_feed"
    kind = Kind.INVALID
    next_step = "Give the address of the feed itself, or of the site, whose page names its feed."


class UnreadableFeed(PulseError):
    """The document is a feed, but too broken, or too slow to read, to get an entry out of it."""

    code = "news.unreadable_feed"
    kind = Kind.INVALID
    next_step = "Whoever publishes the feed has to correct it; a feed validator names the place."


class NotStorable(PulseError):
    """An entry has something that the database refuses."""

    code = "news.not_storable"
    kind = Kind.INTERNAL
    next_step = "Pulse asks again by itself, less often each time; please report the feed's address."


class NotAList(PulseError):
    """The document is no OPML list of feeds."""

    code = "news.not_a_list"
    kind = Kind.INVALID
    next_step = "Export the list from your reader as OPML, and give that file."

"""Addresses of articles: made absolute, and brought into one form so that one article is found once."""

import re
from urllib.parse import urljoin

_ABSOLUTE = re.compile(r"https?://(?:[^\s/?#@\[\]\\:]+|\[[0-9a-fA-F:.]+\])(?::\d{0,5})?(?=[/?#]|\Z)", re.IGNORECASE)
_PARTS = re.compile(r"(https?)://(?:[^/?#]*@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})?")
_DEFAULT_PORT = {"http": re.compile(r"(?::(?:0*80)?|\.)*$"), "https": re.compile(r"(?::(?:0*443)?|\.)*$")}
_UNSAFE = re.compile(r"[^!-~]")

_TRACKING = re.compile(
    r"utm_\w+|(?:fb|g|y|ms|tt|dc|wb|gb|ml|tw)clid|mc_[ce]id|_hs(?:enc|mi)|hss_channel|igshid|igsh|mkt_tok|oly_(?:anon|enc)_id|"
    r"vero_(?:conv|id)|_openstat|yclid|cmpid|ito|ns_(?:campaign|mchannel|source|linkname|fee)|at_(?:campaign|medium|"
    r"custom\d|link_\w+|bbc_team|format|ptr_name|creation)|wt_mc|wt_zmc|xtor|ncid|sr_share|smid|guccounter|guce_\w+|"
    r"__twitter_impression|fb_(?:action_ids|action_types|ref|source)|echobox|trk|trkCampaign|rss_?id|ref_src|ref_url",
    re.IGNORECASE,
)
"""Query parameters that say how a reader came, never what the page is."""

_SAME = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def absolute_url(base: str, href: str) -> str | None:
    """Resolve a link as a page or a feed writes it; None if it is no http or https address."""
    href = href.strip()
    if not _ABSOLUTE.match(href):
        if not href or href[0] in "<{":
            return None
        try:
            href = urljoin(base, href)
        except ValueError:
            return None
        if not _ABSOLUTE.match(href):
            return None
    if _UNSAFE.search(href):
        href = _UNSAFE.sub(_quote, href)
    return href if len(href) <= 4_000 else None


def _quote(match: re.Match[str]) -> str:
    character = match[0]
    if character in "\t\r\n":
        return ""
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def canonical_url(url: str) -> str:
    """Return the one form of an article's address, for comparison: idempotent, and pure.

    Host in lower case, no default port, no credentials, no fragment (except `#!`), no tracking parameters, percent
    escapes in upper case and only where needed (RFC 3986, section 6.2.2). What is not an http address stays.
    """
    text = url.strip()
    if _UNSAFE.search(text):
        text = _UNSAFE.sub(_quote, text)
    if "%" in text:
        text = _ESCAPE.sub(_plain_escape, text)
    match = _PARTS.fullmatch(text)
    if match is None:
        return url
    scheme, host, path, query, fragment = match.groups()
    scheme, host = scheme.lower(), _DEFAULT_PORT[scheme.lower()].sub("", host.lower())
    if query:
        query = "&".join(part for part in query.split("&") if part and not _TRACKING.fullmatch(part.partition("=")[0]))
    result = f"{scheme}://{host}{path or '/'}" + (f"?{query}" if query else "")
    return f"{result}#{fragment}" if fragment and fragment.startswith("!") else result


def _plain_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    byte = int(match[1], 16)
    return chr(byte) if byte in _SAME else f"%{byte:02X}"

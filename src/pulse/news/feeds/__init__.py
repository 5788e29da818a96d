"""Feeds of every format, read fast and without trusting a byte of them."""

from pulse.news.feeds.model import Enclosure, Entry, Feed
from pulse.news.feeds.parse import parse_feed, parse_feed_async
from pulse.news.urls import canonical_url

__all__ = ["Enclosure", "Entry", "Feed", "canonical_url", "parse_feed", "parse_feed_async"]

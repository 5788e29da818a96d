"""A small invented news world to show and test Pulse with, without a network.

Owns: the corpus (articles, newsrooms, what is true about them) and a loopback server that publishes it as real feeds
and pages. Never: imports another room; Pulse reads it over HTTP like any other site.
"""

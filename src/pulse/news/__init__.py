"""The news room: feeds in, ranked stories out.

Owns: schema `news` (niches, sources, articles, stories and what is needed to recognise an article seen before).
Publishes: `news.fetched`. Listens to: nothing.
Never: posts an article twice as two stories knowingly, waits on the network inside a transaction, or lets a feed's
failure stop another feed.
"""

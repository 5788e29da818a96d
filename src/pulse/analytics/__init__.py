"""The analytics room: counts what the log says.

Owns: `analytics.articles` (articles by niche and minute), `analytics.deliveries` (one row for each outcome of a
post), both projections of the log, and `analytics.daily_stats`, a materialised view of them.
Listens to: `news.fetched`, `post.published`, `post.failed`. Publishes: nothing.
Never: asks another room's tables; shows a figure that nothing feeds (engagement is null until it is collected).
"""

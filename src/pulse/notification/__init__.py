"""The notification room: tells people what happens, while it happens.

Owns: `notification.notices` (what to show to the people of a workspace, until they have read it); the open
streams: `GET /events` (the log as server-sent events) and `/ws/dashboard` (the live figures, once a second).
Listens to: `article.summarized`, `post.published`. Publishes: nothing.
Never: queues for a slow reader (it keeps its place in the log, or skips to the newest figures, or is dropped);
reads the database or asks analytics once for each reader; leaves a stream open beyond its token.
"""

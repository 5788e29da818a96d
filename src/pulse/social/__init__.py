"""The social room: from a checked summary to a post on a platform, exactly once.

Owns: `social.channels`, `social.publishing`, `social.posts` (a projection of the post events), `social.deliveries`.
Listens to: `article.summarized`. Publishes: `post.published` and the other events of a post's life.
Never: sends bytes that the database does not hold, calls a time-out a failure, approves what nobody approved.
"""

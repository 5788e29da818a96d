"""Postgres: the pool, `transaction(tenant)`, migrations, partitions, the embedded server.

Owns no rows of its own. The tenant of a connection is set here and nowhere else.
"""

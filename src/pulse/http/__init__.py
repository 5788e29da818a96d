"""The HTTP shell every service wears: bearer tokens, problem answers, idempotency, health, metrics, clients.

Never: knows what a service does.
"""

"""Secrets at rest: sealed with AES-256-GCM, bound to where they are stored.

Never: writes a secret anywhere, logs one.
"""

"""Tenants: whose data a transaction may see."""

from typing import NewType
from uuid import UUID

TenantId = NewType("TenantId", UUID)

DEFAULT_TENANT = TenantId(UUID("00000000-0000-7000-8000-000000000001"))
"""The tenant of an installation that never made another."""

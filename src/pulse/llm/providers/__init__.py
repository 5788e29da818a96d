"""Language models behind one port."""

from pulse.llm.providers.port import Provider

__all__ = ["Provider"]

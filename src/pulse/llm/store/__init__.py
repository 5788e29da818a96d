"""All SQL of the llm room, by table."""

from pulse.llm.store import summaries

__all__ = ["summaries"]

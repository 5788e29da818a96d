"""All SQL of the llm room, by table."""

from pulse.llm.store import stages, summaries

__all__ = ["stages", "summaries"]

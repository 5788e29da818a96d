"""All SQL of the llm room, by table."""

from pulse.llm.store import batches, calls, stages, summaries, tones

__all__ = ["batches", "calls", "stages", "summaries", "tones"]

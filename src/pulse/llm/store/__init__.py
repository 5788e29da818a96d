"""All SQL of the llm room, by table."""

from pulse.llm.store import calls, stages, summaries, tones

__all__ = ["calls", "stages", "summaries", "tones"]

"""The llm room: from a story's reports to a summary in which every sentence is supported by them.

Owns: `llm.summaries`. Listens to: `news.fetched`. Publishes: `article.summarized`.
Never: keeps a sentence that its sources do not support, trusts the model that wrote it, takes silence for a yes.
"""

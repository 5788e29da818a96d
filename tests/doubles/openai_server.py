"""A chat-completions server on loopback that can misbehave in every way real ones do."""

from contextlib import AbstractAsyncContextManager

from tests.doubles.model_formats import OpenAi
from tests.doubles.model_server import ModelServer as OpenAiServer
from tests.doubles.model_server import Request, model_server

__all__ = ["OpenAiServer", "Request", "openai_server"]


def openai_server() -> AbstractAsyncContextManager[OpenAiServer]:
    """Serve on a free port of loopback until the block ends."""
    return model_server(OpenAi())

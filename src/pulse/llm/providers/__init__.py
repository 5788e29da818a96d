"""Language models behind one port."""

from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.providers.port import Provider
from pulse.settings import LlmSettings

__all__ = ["Provider", "provider"]


def provider(settings: LlmSettings) -> Provider | None:
    """Return the provider the settings name, None for the offline engine."""
    if settings.provider == "extractive":
        return None
    return OpenAiCompatible(
        settings.base_url, settings.model, settings.api_key.get_secret_value(), settings.timeout_seconds
    )

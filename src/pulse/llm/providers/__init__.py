"""Language models behind one port."""

from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.providers.port import Provider
from pulse.settings import BadSettings, LlmSettings

__all__ = ["Provider", "provider"]


def provider(settings: LlmSettings) -> Provider | None:
    """Return the provider the settings name, None for the offline engine. Raises `BadSettings`."""
    if settings.provider == "extractive":
        return None
    if not settings.base_url or not settings.model:
        raise BadSettings("PULSE_LLM__PROVIDER = 'openai' needs PULSE_LLM__BASE_URL and PULSE_LLM__MODEL")
    if (settings.day_cap is not None or settings.month_cap is not None) and not (
        settings.prompt_price or settings.completion_price
    ):
        raise BadSettings("PULSE_LLM__DAY_CAP and MONTH_CAP need PULSE_LLM__PROMPT_PRICE and COMPLETION_PRICE")
    return OpenAiCompatible(
        settings.base_url, settings.model, settings.api_key.get_secret_value(), settings.timeout_seconds
    )

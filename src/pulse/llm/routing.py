"""From the settings to the models: one, or a table of them."""

import asyncio

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from pulse.llm.budget import Prices
from pulse.llm.engines import Engine, Engines
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.settings import BadSettings, LlmSettings, WebAddress


class Model(BaseModel):
    """A row of PULSE_LLM__MODELS. Prices are US dollars for a million tokens; no stages or niches: all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    base_url: WebAddress = Field(min_length=1)
    model: str = Field(min_length=1)
    api_key: SecretStr = SecretStr("")
    prompt_price: float = Field(0, ge=0)
    completion_price: float = Field(0, ge=0)
    stages: frozenset[str] = frozenset()
    niches: frozenset[str] = frozenset()
    at_once: int = Field(4, ge=1, le=1_000)


_TABLE = TypeAdapter(tuple[Model, ...])


def engines(settings: LlmSettings) -> Engines | None:
    """Return the models of the settings, None for the offline engine. Raises `BadSettings`."""
    rows = _rows(settings)
    if not rows:
        return None
    capped = settings.day_cap is not None or settings.month_cap is not None
    if capped and not all(row.prompt_price or row.completion_price for row in rows):
        raise BadSettings("PULSE_LLM__DAY_CAP and MONTH_CAP need a price for every model")
    return Engines(tuple(_engine(row, settings.timeout_seconds) for row in rows))


def _rows(settings: LlmSettings) -> tuple[Model, ...]:
    if text := settings.models.get_secret_value():
        try:
            return _TABLE.validate_json(text)
        except ValidationError as error:
            # What was written is not repeated: it holds keys.
            wrong = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'it'}: {problem['msg']}" for problem in error.errors()
            )
            raise BadSettings(f"PULSE_LLM__MODELS is not the JSON of a table of models: {wrong}") from None
    if settings.provider == "extractive":
        return ()
    if not settings.base_url or not settings.model:
        raise BadSettings("PULSE_LLM__PROVIDER = 'openai' needs PULSE_LLM__BASE_URL and PULSE_LLM__MODEL")
    return (
        Model(
            base_url=settings.base_url,
            model=settings.model,
            api_key=settings.api_key,
            prompt_price=settings.prompt_price,
            completion_price=settings.completion_price,
        ),
    )


def _engine(row: Model, timeout_seconds: float) -> Engine:
    return Engine(
        OpenAiCompatible(row.base_url, row.model, row.api_key.get_secret_value(), timeout_seconds),
        Prices(row.prompt_price, row.completion_price),
        row.stages,
        row.niches,
        asyncio.Semaphore(row.at_once),
    )

"""From the settings to the models: one, or a table of them."""

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, model_validator

from pulse.llm.budget import Prices
from pulse.llm.engines import Engine, Engines
from pulse.llm.providers.local import Local
from pulse.llm.providers.openai_batches import OpenAiBatches
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.providers.port import Provider
from pulse.settings import BadSettings, LlmSettings, WebAddress

_WITHOUT_ADDRESS = {"anthropic", "google", "local", "mistral"}
"""Providers that have one address for all the world, and the one that is here."""
_WITHOUT_KEY = {"openai", "bedrock", "local"}
"""A server of one's own needs none; the tools of AWS find their own credentials."""
_AT_ONCE = {"local": 1}
_AT_ONCE_ELSEWHERE = 4


class Model(BaseModel):
    """A row of PULSE_LLM__MODELS. Prices are US dollars for a million tokens; no stages or niches: all of them.

    With `batch` it is asked in batches, for summaries that nobody waits for, and its prices are those of batches.
    For `local` the model is a path, and `sha256`, `context_length` (of one question) and `threads` are its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    provider: Literal["openai", "anthropic", "azure", "bedrock", "google", "local", "mistral"] = "openai"
    base_url: WebAddress = ""
    model: str = Field(min_length=1)
    api_key: SecretStr = SecretStr("")
    prompt_price: float = Field(0, ge=0)
    completion_price: float = Field(0, ge=0)
    cached_price: float | None = Field(None, ge=0)
    stages: frozenset[str] = frozenset()
    niches: frozenset[str] = frozenset()
    batch: bool = False
    at_once: int | None = Field(None, ge=1, le=1_000)
    sha256: str = Field("", pattern=r"^([0-9a-fA-F]{64})?$")
    context_length: int = Field(8192, ge=512, le=1_000_000)
    threads: int = Field(0, ge=0, le=1_024)

    @property
    def slots(self) -> int:
        """Questions that are asked side by side."""
        return self.at_once or _AT_ONCE.get(self.provider, _AT_ONCE_ELSEWHERE)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        key = self.api_key.get_secret_value()
        if not self.base_url and self.provider not in _WITHOUT_ADDRESS:
            raise ValueError(f"{self.provider} needs a base_url")
        if self.provider == "azure" and not self.base_url.rstrip("/").endswith("/openai/v1"):
            raise ValueError("azure needs a base_url that ends with /openai/v1")
        if self.batch and self.provider != "openai":
            raise ValueError("batches are OpenAI's alone")
        if not key and self.provider not in _WITHOUT_KEY:
            raise ValueError(f"{self.provider} needs an api_key")
        if not all("!" <= character <= "~" for character in key):
            raise ValueError("an api_key has visible ASCII characters only")
        return self


_TABLE = TypeAdapter(tuple[Model, ...])


def engines(settings: LlmSettings) -> Engines | None:
    """Return the models of the settings, None for the offline engine. Raises `BadSettings`."""
    rows = _rows(settings)
    if not rows:
        return None
    capped = settings.day_cap is not None or settings.month_cap is not None
    if capped and not all(row.prompt_price or row.completion_price or row.provider == "local" for row in rows):
        raise BadSettings("PULSE_LLM__DAY_CAP and MONTH_CAP need a price for every model")
    return Engines(tuple(_engine(row, settings.timeout_seconds) for row in rows))


def _rows(settings: LlmSettings) -> tuple[Model, ...]:
    if text := settings.models.get_secret_value():
        try:
            return _TABLE.validate_json(text)
        except ValidationError as error:
            raise BadSettings(f"PULSE_LLM__MODELS is not the JSON of a table of models: {_told(error)}") from None
    if settings.provider == "extractive":
        return ()
    row: dict[str, Any] = {name: getattr(settings, name) for name in Model.model_fields if hasattr(settings, name)}
    try:
        return (Model(**row),)
    except ValidationError as error:
        raise BadSettings(f"PULSE_LLM__PROVIDER = {settings.provider!r}: {_told(error)}") from None


def _told(error: ValidationError) -> str:
    """Say what is wrong. What was written is not repeated: it holds keys."""
    return "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'it'}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors()
    )


def _engine(row: Model, timeout_seconds: float) -> Engine:
    provider = _provider(row, timeout_seconds)
    return Engine(
        provider,
        Prices(row.prompt_price, row.completion_price, row.cached_price),
        row.stages,
        row.niches,
        asyncio.Semaphore(row.slots),
        batches=OpenAiBatches(provider) if row.batch and isinstance(provider, OpenAiCompatible) else None,
    )


def _provider(row: Model, timeout_seconds: float) -> Provider:
    key = row.api_key.get_secret_value()
    if row.provider == "openai":
        return OpenAiCompatible(row.base_url, row.model, key, timeout_seconds)
    if row.provider == "local":
        return _local(row, timeout_seconds)
    try:
        from pulse.llm.providers.vendors import Vendor

        return Vendor(row.provider, row.model, key, row.base_url, timeout_seconds)
    except ImportError:
        raise BadSettings(
            f"the provider {row.provider!r} needs an extra that is not installed: pip install 'pulse[providers]'"
        ) from None


def _local(row: Model, timeout_seconds: float) -> Provider:
    if find_spec("xllamacpp") is None:
        raise BadSettings("the provider 'local' needs an extra that is not installed: pip install 'pulse[local]'")
    return Local(
        Path(row.model).expanduser(),
        row.sha256,
        timeout_seconds,
        context=row.context_length,
        at_once=row.slots,
        threads=row.threads,
    )

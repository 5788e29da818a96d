"""Every setting of Pulse: one typed section per room.

Sources, strongest first: environment (`PULSE_<ROOM>__<NAME>`, or `PULSE_<ROOM>__<NAME>_FILE` naming a file
that holds the value), `pulse.toml` in the data folder, the defaults below.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from pulse.kernel.errors import Kind, PulseError


class BadSettings(PulseError):
    """A setting has a value that is not allowed; the message names the setting, the value and what is."""

    code = "settings.invalid"
    kind = Kind.INVALID
    next_step = "Correct the setting in the environment or in pulse.toml; `pulse config show` lists them all."


class Section(BaseModel):
    """A room's settings. Unknown names are refused, so that a misspelt setting is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)


def _address(pattern: str, allowed: str) -> AfterValidator:
    """Return a check that a text, if there is one, begins as `pattern` says. What is secret is not repeated."""

    def check(value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if text and not re.match(pattern, text):
            raise ValueError(f"must be {allowed}")
        return value

    return AfterValidator(check)


WebAddress = Annotated[str, _address(r"https?://[^\s/?#]+[^\s?#]*$", "an address like https://pulse.example.com")]
PostgresAddress = Annotated[
    SecretStr | None, _address(r"postgres(ql)?://\S+$", "an address like postgresql://user:password@host:5432/database")
]


class StorageSettings(Section):
    """Where Postgres is and how connections to it are pooled (requirement 3.3)."""

    url: PostgresAddress = Field(None, description="postgresql:// address; empty starts the embedded server")
    migration_url: PostgresAddress = Field(None, description="postgresql:// address of the owner, if it is another")
    binaries: Path | None = Field(None, description="folder of postgres, initdb, pg_ctl; default: the bundled ones")
    pool_size: int = Field(20, ge=1, description="connections kept open")
    max_overflow: int = Field(40, ge=0, description="connections opened beyond pool_size under load")
    pool_timeout: float = Field(30, gt=0, description="seconds to wait for a free connection")
    pool_recycle: float = Field(3600, gt=0, description="seconds after which a connection is replaced")
    pool_pre_ping: bool = Field(True, description="test a connection before it is lent")
    lock_timeout: float = Field(5, gt=0, description="seconds a migration waits for a lock before it gives up")
    statement_timeout: float = Field(60, gt=0, description="seconds a statement may run")


class BusSettings(Section):
    """The work queue."""

    lease_seconds: float = Field(60, ge=1, description="how long a worker holds a row before another may take it")
    workers: int = Field(4, ge=1, le=64, description="rows one service works on at a time")
    poll_seconds: float = Field(1.0, gt=0, description="how often the queue is asked when no notification came")
    max_attempts: int = Field(10, ge=1, description="attempts before work goes to the dead letters")
    retry_seconds: float = Field(2.0, gt=0, description="delay before the second attempt; doubles, with jitter")
    max_retry_seconds: float = Field(900, gt=0, description="longest delay between attempts")


class FetchSettings(Section):
    """The guarded door to the outside (requirement 2.6)."""

    allow_hosts: str = Field("", description="comma-separated host[:port] that may be private addresses")
    max_bytes: int = Field(10_000_000, gt=0, description="bytes of one answer after decompression")
    timeout_seconds: float = Field(30, gt=0, description="seconds for one request with all its redirects")
    max_redirects: int = Field(5, ge=0, description="redirects followed")
    per_host: int = Field(2, ge=1, description="requests under way to one host")
    concurrency: int = Field(100, ge=1, description="requests under way in all")
    user_agent: str = Field("Pulse/2.0 (news reader; feed fetcher)", description="the User-Agent header sent")


class NewsSettings(Section):
    """Polling of sources and folding into stories."""

    min_interval_seconds: float = Field(300, gt=0, description="a source is asked at most this often")
    max_interval_seconds: float = Field(86_400, gt=0, description="a source is asked at least this often")
    first_fetch_entries: int = Field(10, ge=0, description="newest entries of a first fetch that may become posts")
    batch_sources: int = Field(100, ge=1, description="sources polled and stored together")
    story_window_hours: float = Field(72, gt=0, description="how long a story takes in new reports")
    page_bytes: int = Field(2_000_000, gt=0, description="bytes of an article's page read for its full text")


class LlmSettings(Section):
    """The engine that writes summaries."""

    provider: Literal["extractive", "openai", "anthropic", "azure", "bedrock", "google", "local", "mistral"] = Field(
        "extractive",
        description="extractive works offline; openai is any server that speaks as OpenAI does; local runs a GGUF file "
        "here and needs the extra `local`; the others need the extra `providers`",
    )
    base_url: WebAddress = Field(
        "", description="the provider's address, with /v1 for openai and /openai/v1 for azure; others have their own"
    )
    api_key: SecretStr = Field(SecretStr(""), description="key for the provider")
    model: str = Field("", description="model name at the provider; for local the path of the file")
    sha256: str = Field("", description="SHA-256 that the file of a local model must have")
    context_length: int = Field(8192, ge=512, description="tokens that one question and its answer may have, for local")
    threads: int = Field(0, ge=0, description="threads of a local model; 0: as many as llama.cpp thinks best")
    timeout_seconds: float = Field(60, gt=0, description="seconds for one model answer")
    models: SecretStr = Field(
        SecretStr(""),
        description="JSON list of models in the place of the one above, asked in order: provider, base_url, "
        "model, api_key, prompt_price, completion_price, cached_price, stages, niches, at_once, sha256, "
        "context_length, threads, batch",
    )
    prompt_price: float = Field(0, ge=0, description="US dollars for a million tokens that the model reads")
    completion_price: float = Field(0, ge=0, description="US dollars for a million tokens that the model writes")
    cached_price: float | None = Field(
        None, ge=0, description="US dollars for a million tokens that the model had read before; default: prompt_price"
    )
    day_cap: float | None = Field(None, ge=0, description="US dollars a tenant's calls may cost a day (UTC)")
    month_cap: float | None = Field(None, ge=0, description="US dollars a tenant's calls may cost a month")
    judge: str = Field(
        "none",
        description="who judges rewritten sentences: none (a person does), compact (our own model for English; needs "
        "pulse[entailment]), provider (the model above, by log-odds), or the folder of an entailment model in ONNX",
    )
    judge_threshold: float | None = Field(
        None,
        gt=0,
        le=1,
        description="probability from which a rewritten sentence passes without a person; empty: what the model's card "
        "says, and never for a provider",
    )
    judge_slope: float = Field(
        1.0,
        gt=0,
        description="what the log-odds of a provider as judge are multiplied with; `pulse eval verifier` fits it",
    )
    judge_offset: float = Field(0.0, description="what is added to them then")
    max_length: int = Field(600, ge=40, description="characters of a summary")
    min_sentences: int = Field(2, ge=1, description="sentences a summary has when its sources have as many")
    max_sentences: int = Field(4, ge=1, description="sentences a summary has at most")


class SocialSettings(Section):
    """Posts and their delivery."""

    deliver_timeout_seconds: float = Field(20, gt=0, description="seconds for one call to a platform")
    settle_seconds: float = Field(5, gt=0, description="delay before an unknown outcome is read back")
    quiet_seconds: float = Field(
        60, gt=0, description="silence after which a Mastodon post in doubt is sent again under its key"
    )
    silence_seconds: float = Field(180, gt=0, description="the same where the server does not honour keys")
    site_folder: Path | None = Field(
        None, description="where the site channel writes; default: site/ in the data folder"
    )
    site_url: WebAddress = Field("", description="public address of the site; default: /site on Pulse's own address")


class HttpSettings(Section):
    """Where services listen and how callers prove who they are."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8700, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    token_key: SecretStr | None = Field(None, description="Ed25519 private key (PEM); default: made in the data folder")
    token_days: float = Field(30, gt=0, description="days a token from `pulse token` is good for")
    max_body_bytes: int = Field(1_000_000, gt=0, description="bytes of a request's body")
    public_url: WebAddress = Field("", description="address readers reach Pulse under; default: where it listens")


class PeersSettings(Section):
    """Where the other services are. Empty: in this process, or started on the same data folder."""

    gateway: WebAddress = ""
    news: WebAddress = ""
    llm: WebAddress = ""
    social: WebAddress = ""
    analytics: WebAddress = ""
    notification: WebAddress = ""


SERVICES = tuple(PeersSettings.model_fields)
"""The six."""


class TelemetrySettings(Section):
    """Logs, traces, metrics."""

    log_format: Literal["auto", "console", "json"] = Field("auto", description="auto: console on a terminal")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_endpoint: WebAddress = Field(
        "", description="OTLP/HTTP receiver of traces, e.g. http://127.0.0.1:4318; empty: none"
    )


class VaultSettings(Section):
    """Keys that encrypt stored secrets."""

    key: SecretStr | None = Field(None, description="32 bytes, base64; default: made in the data folder")


class Settings(Section):
    """All sections, and the data folder."""

    home: Path
    storage: StorageSettings = StorageSettings()
    bus: BusSettings = BusSettings()
    fetch: FetchSettings = FetchSettings()
    news: NewsSettings = NewsSettings()
    llm: LlmSettings = LlmSettings()
    social: SocialSettings = SocialSettings()
    http: HttpSettings = HttpSettings()
    peers: PeersSettings = PeersSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    vault: VaultSettings = VaultSettings()


def load(
    environ: "os._Environ[str] | dict[str, str]" = os.environ, overrides: dict[str, Any] | None = None
) -> Settings:
    """Read the settings from environment and file.

    `overrides` is `{section: {name: value}}` from command-line flags and wins over both.
    Raises `BadSettings` naming the setting, its value and what is allowed.
    """
    home = (
        Path(environ.get("PULSE_HOME") or platformdirs.user_data_dir("pulse", appauthor=False)).expanduser().absolute()
    )
    values: dict[str, Any] = _from_file(home / "pulse.toml")
    for stronger in (_from_environment(environ), overrides or {}):
        for section, entries in stronger.items():
            if isinstance(values.setdefault(section, {}), dict):  # a section of another shape is refused below
                values[section].update(entries)
    try:
        return Settings(**{**values, "home": home})
    except ValidationError as error:
        raise BadSettings(_describe(error)) from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise BadSettings(f"PULSE_HOME = '{path.parent}': must be a folder; it is a file, or lies in one") from None
    except OSError as error:
        raise BadSettings(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} is not valid TOML: {error}") from None


def _from_environment(environ: "os._Environ[str] | dict[str, str]") -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name in sorted(environ):
        section, separator, key = name.removeprefix("PULSE_").lower().partition("__")
        if not name.startswith("PULSE_") or not separator:
            continue
        value = environ[name]
        known = _fields(section) or {}
        if key.endswith("_file") and key not in known:
            key = key.removesuffix("_file")
            try:
                value = Path(value).read_text("utf-8").strip()
            except OSError as error:
                raise BadSettings(f"{name}: cannot read {value!r}: {error.strerror}") from None
            except ValueError:
                raise BadSettings(f"{name}: {value!r} is not a text file") from None
        found.setdefault(section, {})[key] = value
    return found


def _fields(section: str) -> dict[str, FieldInfo] | None:
    """Return the settings of a section; None when there is no such section."""
    field = Settings.model_fields.get(section)
    return field.annotation.model_fields if field and isinstance(field.annotation, type(Section)) else None


def _describe(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_url=False):
        section, *setting = (str(part) for part in problem["loc"])
        name = "PULSE_" + "__".join((section, *setting)).upper()
        known = _fields(section) or Settings.model_fields
        if problem["type"] == "extra_forbidden":
            lines.append(f"{name}: there is no such setting; known here: {', '.join(known)}")
            continue
        shown = (
            isinstance(problem["input"], str | int | float) and setting and "Secret" not in str(known.get(setting[0]))
        )
        wrong = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{name} = {problem['input']!r}: {wrong}" if shown else f"{name}: {wrong}")
    return "; ".join(lines)

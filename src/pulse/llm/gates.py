"""The gate the settings ask for."""

from pathlib import Path

from pulse.llm.engines import Engines
from pulse.llm.judges.log_odds import Calibration, LogOddsJudge
from pulse.llm.judges.onnx import COMPACT, OnnxJudge
from pulse.llm.judges.port import JudgeFailed
from pulse.llm.verify.gate import Gate
from pulse.settings import BadSettings, LlmSettings


def gate(settings: LlmSettings, models: Engines | None) -> Gate:
    """Return the gate with the judge that PULSE_LLM__JUDGE names, if it names one: one of `models`, or its own.

    Raises `BadSettings`.
    """
    if settings.judge in {"", "none"}:
        return Gate()
    if settings.judge == "provider":
        if models is None:
            raise BadSettings(
                "PULSE_LLM__JUDGE = 'provider' needs PULSE_LLM__PROVIDER, PULSE_LLM__BASE_URL and a model"
            )
        calibration = Calibration(settings.judge_slope, settings.judge_offset)
        return Gate(LogOddsJudge(models.first("judge"), calibration), settings.judge_threshold)
    judge = OnnxJudge(COMPACT if settings.judge == "compact" else Path(settings.judge).expanduser())
    try:
        threshold = settings.judge_threshold or judge.card.threshold
    except JudgeFailed as error:
        kinds = "neither none, compact, provider nor a model's folder"
        raise BadSettings(f"PULSE_LLM__JUDGE = {settings.judge!r} is {kinds}: {error.message}") from error
    return Gate(judge, threshold, thorough=True)

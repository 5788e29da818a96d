"""The reports of `pulse eval` in thirteen languages, with the names that occur in them."""

from pulse.evaluation.languages import reports

REPORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    language: (report.text, report.names) for language, report in reports().items()
}

"""The formats of reports: a table of modules, each of which makes text from the result of one scan."""

from __future__ import annotations

from importlib import import_module

from openai_phi.finding.results import Result
from openai_phi.reporting.shown_text import no_command, seen

FORMATS: dict[str, str] = {
    "json": "report_json",
    "sarif": "report_sarif",
    "markdown": "report_markdown",
    "html": "report_html",
    "junit": "report_junit",
    "csv": "report_csv",
    "gitlab": "report_gitlab",
    "oscal": "report_oscal",
    "evidence": "evidence_manifest",
}
"""Format -> the module that makes it. Modules load when asked for: some need an extra."""
_LINES_ARE_TEXT = frozenset({"junit", "csv"})
"""Formats in which a line break in a name begins a line."""


class ReportUnavailable(Exception):
    """A format needs an extra that is not installed; the message says which."""


def render(result: Result, format: str) -> str:
    """The report in a format: the same text for the same result. Raises KeyError and ReportUnavailable."""
    name = f"openai_phi.reporting.{FORMATS[format]}"
    try:
        module = import_module(name)
        text = str(module.render(result))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("openai_phi"):
            raise
        raise ReportUnavailable(
            f"the format {format} needs {error.name}, which openai-phi[{format}] brings: "
            f"in its clone, pip install '.[{format}]'"
        ) from error
    # No parser lets a key out; should one ever do, it stops here. A file name that is no text would
    # break whoever writes the report as UTF-8.
    safe = result.inputs.names.masked(text)
    if format != "html":  # the page escapes each text itself, and its scripts must stay as they are
        safe = seen(safe)
    if format in _LINES_ARE_TEXT:
        safe = no_command(safe)
    return safe.encode("utf-8", "backslashreplace").decode("utf-8")

"""The command `openai-phi scan`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from openai_phi.commands.cli_given import EachOnce, check_given, one_policy, trusted_revision
from openai_phi.declared.git_revisions import NoRevision
from openai_phi.declared.merged_policies import policies
from openai_phi.finding.results import Result
from openai_phi.reading.disk.prefilter import GRAPHS
from openai_phi.reporting import annotations as github
from openai_phi.reporting import first_screen, report_text
from openai_phi.reporting.reports import FORMATS, ReportUnavailable, render
from openai_phi.scanning.baseline import BaselineError, as_baseline
from openai_phi.scanning.outcome import INCOMPLETE, LEVELS, Outcome, outcome_of
from openai_phi.scanning.proposed_fixes import lines_that_settle
from openai_phi.scanning.revisions import Change, as_lines, change_of, checked_out
from openai_phi.scanning.scan import NoSuchRule, Options, ScanBroken, scan_folder
from openai_phi.scanning.trusted import Before, baseline_of, before
from openai_phi.words.places import Place
from openai_phi.words.scan_input import FROM_FILES

_ALL = ("text", *FORMATS, "github")
EVIDENCE = "openai-phi-evidence.json"
_FRAMEWORKS = (*GRAPHS, *sorted(FROM_FILES))
_COLOURS: dict[str, dict[str, Any]] = {
    "not covered": {"fg": "red", "bold": True},
    "critical": {"fg": "red", "bold": True},
    "high": {"fg": "red"},
    "unproven": {"fg": "yellow", "bold": True},
    "medium": {"fg": "yellow"},
    "findings": {"fg": "red", "bold": True},
    "incomplete": {"fg": "magenta", "bold": True},
    "covered": {"fg": "green", "bold": True},
    "clean": {"fg": "green", "bold": True},
    "low": {"fg": "cyan"},
    "bold": {"bold": True},
    "dim": {"dim": True},
}


@click.command("scan", cls=EachOnce)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path())
@click.option(
    "--format", "-f", "formats", multiple=True, type=click.Choice(_ALL), help="Default: text."
)
@click.option(
    "--output", "-o", "outputs", multiple=True, help="The file of the format; - is standard output."
)
@click.option(
    "--policy",
    multiple=True,
    type=click.Path(),
    help="The organization's openai-policy.yaml; once for each legal entity.",
)
@click.option(
    "--require-policy", is_flag=True, help="Without a policy no verdict is better than unproven."
)
@click.option(
    "--trust-from",
    metavar="REV",
    help="Lines that lower or excuse count only where REV has them too.",
)
@click.option("--today", metavar="DATE", help="Judge as on another day (YYYY-MM-DD).")
@click.option(
    "--framework", "frameworks", multiple=True, type=click.Choice(_FRAMEWORKS), help="Only these."
)
@click.option("--check", "rules", multiple=True, metavar="ID", help="Only these rules; * fits all.")
@click.option(
    "--allow-unread", "allow", multiple=True, metavar="PATTERN", help="Files that may stay unread."
)
@click.option("--baseline", type=click.Path(), help="Findings in this file do not fail.")
@click.option("--write-baseline", type=click.Path(), help="Write today's findings there, exit 0.")
@click.option("--diff-base", metavar="REV", help="Begin with what changed since a revision.")
@click.option(
    "--fail-on", type=click.Choice(["all", "new"]), default="all", show_default=True,
    help="With --diff-base: fail on what is new since then alone.",
)  # fmt: skip
@click.option(
    "--fail-level", type=click.Choice(LEVELS), default="high", show_default=True,
    help="The lowest severity that fails.",
)  # fmt: skip
@click.option(
    "--fail-on-due", is_flag=True, help="Fail on what falls due, too: for a scan on a schedule."
)
@click.option(
    "--verbose", "-v", is_flag=True, help="All of it as text: each workload with its way."
)
@click.option("--no-prefilter", is_flag=True, help="Build every graph, whether its files speak.")
def command(**given: Any) -> int:
    """Scan DIR (default: the working directory) and judge what it deploys.

    Each --output belongs to the --format at the same position; beside reports in files an evidence
    manifest is written (openai-phi-evidence.json, or where --format evidence goes). A repository's own configuration of
    Checkov is ignored. What could matter and could not be read makes the exit code 2, unless
    --allow-unread names it (a file's path, or framework names such as helm).

    \b
    Examples:
      openai-phi scan
      openai-phi scan infra --policy openai-policy.yaml --fail-level low
      openai-phi scan -f text -o - -f sarif -o openai-phi.sarif -f html -o openai-phi.html
      openai-phi scan --write-baseline known.json
      openai-phi scan --baseline known.json --diff-base origin/main
    """
    pairs = _pairs(given["formats"], given["outputs"])
    options = _options(given)
    if given["fail_on"] == "new" and not given["diff_base"]:
        raise click.UsageError("--fail-on new needs --diff-base REV, to know what is new.")
    try:
        baseline = baseline_of(given["baseline"], options) if given["baseline"] else None
        result, change, known = _scanned(options, given["diff_base"], given["baseline"])
    except BaselineError as error:
        raise click.UsageError(str(error)) from error
    except NoRevision as error:
        click.echo(f"Could not look: {error}.", err=True)
        return INCOMPLETE
    except ScanBroken as error:
        click.echo(f"Could not look: {error}. Nothing is known to be fine.", err=True)
        return INCOMPLETE
    outcome = outcome_of(
        result,
        allow=given["allow"],
        baseline=baseline,
        level=given["fail_level"],
        on_due=given["fail_on_due"],
        before=known,
        new=change.new if change and given["fail_on"] == "new" else None,
    )
    _report(outcome, change, pairs, verbose=given["verbose"])
    if given["write_baseline"]:
        _write_baseline(outcome, given["write_baseline"])
        return INCOMPLETE if outcome.not_looked else 0
    return outcome.exit_code


def _pairs(formats: Sequence[str], outputs: Sequence[str]) -> list[tuple[str, str]]:
    """Each format with the file that it goes to."""
    formats, outputs = list(formats) or ["text"], list(outputs)
    if not outputs and len(formats) == 1:
        outputs = ["-"]
    if len(outputs) != len(formats):
        raise click.UsageError(
            f"{len(formats)} formats and {len(outputs)} outputs: give one --output for each --format."
        )
    twice = {o for o in outputs if outputs.count(o) > 1}
    if twice:
        raise click.UsageError(f"two formats go to {sorted(twice)[0]}.")
    for output in outputs:
        if output != "-" and not os.path.isdir(os.path.dirname(os.path.abspath(output))):
            raise click.UsageError(f"the folder of {output} does not exist.")
    return list(zip(formats, outputs, strict=True))


def _options(given: dict[str, Any]) -> Options:
    folder, policy, today = given["folder"], one_policy(given["policy"]), given["today"]
    check_given(folder, policy, today)
    return Options(
        folder=folder,
        frameworks=tuple(given["frameworks"]),
        policy=os.pathsep.join(policies(policy)) or None,
        policy_required=given["require_policy"],
        trust_from=trusted_revision(given["trust_from"]),
        today=today,
        rules=tuple(given["rules"]),
        everything=given["no_prefilter"],
    )


def _scanned(
    options: Options, revision: str | None, baseline: str | None
) -> tuple[Result, Change | None, Before | None]:
    """The scan, the change since a revision if one is asked for, and what the trusted one knows.

    Raises `ScanBroken`, and `NoRevision` where the revision to trust cannot be had.
    """
    from dataclasses import replace

    try:
        with _progress() as say:
            now = scan_folder(replace(options, progress=say))
            known = before(options, now, baseline, say)
            change = _change(options, revision, now, say) if revision else None
            return now, change, known
    except NoSuchRule as error:
        raise click.UsageError(f"{error}.") from error


def _change(options: Options, revision: str, now: Result, say: Any) -> Change:
    from dataclasses import replace

    try:
        with checked_out(options.folder, revision) as folder:
            say(f"scanning {revision}")
            base = scan_folder(replace(options, folder=folder, trust_from=None))
    except NoRevision as error:
        raise click.UsageError(f"{error}.") from error
    return change_of(revision, base, now)


@contextmanager
def _progress() -> Iterator[Any]:
    """What is being done, on one line of a terminal; nothing in a pipe."""
    shown = sys.stderr.isatty()

    def say(text: str) -> None:
        if shown:
            sys.stderr.write(f"\r\x1b[K{text} …")
            sys.stderr.flush()

    try:
        yield say
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _report(
    outcome: Outcome,
    change: Change | None,
    pairs: Sequence[tuple[str, str]],
    *,
    verbose: bool = False,
) -> None:
    try:  # all of them before the first is written: the evidence says whether files were changed
        made = [
            (output, _text_of(form, outcome, change, output, verbose))
            for form, output in (*pairs, *_beside(pairs))
        ]
    except ReportUnavailable as error:
        raise click.UsageError(f"{error}.") from error
    for output, text in made:
        if output == "-":
            click.echo(text, nl=False)
        else:
            try:
                Path(output).write_text(text, encoding="utf-8")
            except OSError as error:
                raise click.UsageError(f"{output}: {error.strerror}.") from error
    if all(output != "-" for _, output in pairs):
        click.echo(f"openai-phi: {outcome.word}, {_count(len(outcome.result.findings))}", err=True)
        for line in outcome.not_looked:
            click.echo(f"could not look at {line}", err=True)


def _count(findings: int) -> str:
    return "1 finding" if findings == 1 else f"{findings} findings"


def _beside(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """An evidence manifest in each folder that a report goes to, unless one is asked for."""
    if any(form == "evidence" for form, _ in pairs):
        return []
    reports = [output for form, output in pairs if form in FORMATS and output != "-"]
    files = dict.fromkeys(os.path.join(os.path.dirname(o), EVIDENCE) for o in reports)
    return [("evidence", f) for f in files if f not in reports]


def styled(text: str, what: str) -> str:
    """A text with the colours that a terminal gives to what it is."""
    return click.style(text, **_COLOURS[what]) if what in _COLOURS else text


def _text_of(form: str, outcome: Outcome, change: Change | None, output: str, verbose: bool) -> str:
    if form == "github":
        return github.render(outcome)
    if form != "text":
        return render(outcome.result, form)
    terminal = output == "-" and sys.stdout.isatty()
    coloured = terminal and not os.environ.get("NO_COLOR")
    style = styled if coloured else _plain
    width = min(os.get_terminal_size().columns, 120) if terminal else 100
    if not verbose:
        link = _linked(outcome.result) if coloured and has_links(os.environ) else _plain_place
        return first_screen.render(outcome, change, style, width, link)
    text = report_text.render(outcome, lines_that_settle(outcome.result), style, width)
    said = "".join(f"{line}\n" for line in as_lines(change)) + "\n" if change else ""
    return said + text


def _plain(text: str, _: str) -> str:
    return text


def _plain_place(text: str, _: Place) -> str:
    return text


_WITH_LINKS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"})


def has_links(environ: Mapping[str, str]) -> bool:
    """Whether the terminal shows links (OSC 8), as far as it says what it is."""
    if environ.get("CI") or environ.get("TERM", "dumb") == "dumb":
        return False
    kitty = environ.get("TERM", "").startswith(("xterm-kitty", "foot", "alacritty"))
    return (
        kitty
        or environ.get("TERM_PROGRAM", "") in _WITH_LINKS
        or bool(environ.get("WT_SESSION") or environ.get("KONSOLE_VERSION"))
        or int(environ.get("VTE_VERSION", "0") if environ.get("VTE_VERSION", "0").isdigit() else 0)
        >= 5000
    )


def _linked(result: Result) -> first_screen.Link:
    """Turns places into links to their files."""

    def link(text: str, place: Place) -> str:
        file = (result.root / place.file).as_uri()
        return f"\x1b]8;;{file}\x1b\\{text}\x1b]8;;\x1b\\"

    return link


def _write_baseline(outcome: Outcome, file: str) -> None:
    text, left = as_baseline(outcome.result.findings)
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}.") from error
    kept = len(outcome.result.findings) - len(left)
    click.echo(f"{_count(kept)} written to {file}.", err=True)
    for finding in left:
        why = "cover that is known to be broken is never taken into a baseline"
        if finding.rule.startswith("OAI_SCAN"):
            why = "what was not looked at is never taken into a baseline"
        click.echo(f"not written: {finding.rule} {finding.resource}: {why}", err=True)

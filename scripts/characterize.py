"""Writes all that the engine says of the sample, every rule example and every accuracy case, to compare two commits.

    python scripts/characterize.py OUT_DIR [PATTERN …]
    python scripts/characterize.py --compare DIR_A DIR_B

One file for each case: findings with message, trace, place, handle and fingerprint, what is exempt and
unread, the reports in every format, and the records that Checkov gets. The same bytes on the same commit,
whatever the hash seed, the working directory or the place of the checkout. Left out is what every edit
changes: versions, digests of the engine and its data, the state of git.
"""

from __future__ import annotations

import difflib
import fnmatch
import json
import logging
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from scan import CHECKS, ROOT

DAY = "2026-11-20"
TESTS = ROOT / "tests"
EXAMPLES, ACCURACY = TESTS / "rules", TESTS / "accuracy" / "cases"
PLAIN = ("terraform", "kubernetes", "yaml")
PROCESSES = 2
OUR_OWN = ("OPENAI_PHI_", "GITHUB_", "CI", "CKV_", "CHECKOV_")
"""How variables begin that a scan or a report asks; none of them is set for a case."""
_TEMPORARY = re.compile(re.escape(tempfile.gettempdir()) + r"/tmp\w+")
LEFT_OUT = ("repository", "run", "versions", "digests")
"""What of the evidence manifest tells of the machine, the commit or the engine itself."""


class Engine:
    """What is asked of the engine and of Checkov: all their imports, in one place."""

    def __init__(self) -> None:
        os.environ["CHECKOV_PARALLELIZATION_TYPE"] = "none"  # before Checkov is imported
        os.environ.setdefault("LOG_LEVEL", "CRITICAL")
        from checkov.kubernetes.runner import Runner as KubernetesRunner
        from checkov.runner_filter import RunnerFilter
        from checkov.terraform.runner import Runner as TerraformRunner
        from checkov.yaml_doc.runner import Runner as YamlRunner

        from openai_phi.facts.versions import version, versions
        from openai_phi.scanning.repository import State, state_of

        # whoever imports them from here on gets these
        of_git: Any = sys.modules[state_of.__module__]
        of_git.state_of = lambda folder: State(note="left out")
        of_versions: Any = sys.modules[versions.__module__]
        of_versions.version = lambda: "0"
        of_versions.versions = lambda: {"openai-phi": "0"}
        del version

        from openai_phi.plugin.checkov_graphs import take
        from openai_phi.reporting.annotations import render as annotations
        from openai_phi.reporting.report_text import render as as_text
        from openai_phi.reporting.reports import FORMATS, ReportUnavailable, render
        from openai_phi.scanning.outcome import outcome_of
        from openai_phi.scanning.proposed_fixes import lines_that_settle
        from openai_phi.scanning.scan import Options, ScanBroken, scan_folder

        del take  # loads Checkov's readers before the fork
        self.runners: dict[str, Callable[[], Any]] = {
            "terraform": TerraformRunner,
            "kubernetes": KubernetesRunner,
            "yaml": YamlRunner,
        }
        self.only = RunnerFilter
        self.formats = tuple(FORMATS)
        self.unavailable, self.broken = ReportUnavailable, ScanBroken
        self.options, self.scan = Options, scan_folder
        self.render, self.annotations = render, annotations
        self.outcome_of = outcome_of
        self.text: Callable[[Any, Any], str] = lambda result, outcome: as_text(
            outcome, lines_that_settle(result)
        )


def started() -> Engine:
    """The engine in this process, and no variable set that a scan or a report asks."""
    for name in [k for k in os.environ if k.startswith(OUR_OWN)]:
        del os.environ[name]
    os.environ["OPENAI_PHI_TODAY"] = DAY
    engine = Engine()
    logging.disable(logging.CRITICAL)
    return engine


def cases() -> dict[str, Path]:
    """Name -> folder of each case."""
    found = {"sample": ROOT / "sample_infra", "accuracy": ACCURACY}
    for kind in ("bad", "good", "unknown"):
        found.update({f"rule-{p.parent.name}-{kind}": p for p in EXAMPLES.glob(f"*/{kind}")})
    found.update({f"case-{p.name}": p for p in ACCURACY.iterdir() if p.is_dir()})
    return dict(sorted(found.items()))


def told(
    engine: Engine,
    folder: Path,
    formats: Sequence[str] | None = None,
    *,
    plain: bool = True,
    everything: bool = False,
) -> str:
    """All that is said of a folder, as one text; the reports in these formats, or in all."""
    chosen = engine.formats if formats is None else formats
    parts = list(_scanned(engine, folder, chosen, everything))
    parts += _plain(engine, folder) if plain else ()
    whole = "".join(f"######## {name}\n{text.rstrip()}\n\n" for name, text in parts)
    for place in (folder, folder.parent, ROOT):
        whole = whole.replace(str(place), f"<{place.name if place != ROOT else 'checkout'}>")
    return _TEMPORARY.sub("<temporary>", whole)


def _scanned(
    engine: Engine, folder: Path, formats: Sequence[str], everything: bool
) -> Iterator[tuple[str, str]]:
    """What a scan by the command says, part by part."""
    try:
        result = engine.scan(engine.options(str(folder), today=DAY, everything=everything))
    except engine.broken as error:
        yield "broken", str(error)
        return
    outcome = engine.outcome_of(result)
    analysis = result.analysis
    yield "exit code", str(outcome.exit_code)
    yield "frameworks, notes, gaps", _lines((*result.frameworks, *result.notes, *result.gaps))
    yield "rules that broke", _lines(f"{r.rule.id} {r.error}" for r in result.runs if r.error)
    yield "resources", _lines(map(_resource, analysis.resources))
    yield "findings", "\n".join(map(_finding, result.findings))
    yield "exempt", "\n".join(map(_exempt, result.exempt))
    yield (
        "unread",
        _lines(
            f"{u.file}:{u.line} matters={u.matters} {u.signature} | {u.reason}"
            for u in analysis.unread
        ),
    )
    yield "text", engine.text(result, outcome)
    yield "github", engine.annotations(outcome)
    for form in formats:
        try:
            yield form, _steady(form, engine.render(result, form))
        except engine.unavailable as error:
            yield form, f"not made: {error}"


def _plain(engine: Engine, folder: Path) -> Iterator[tuple[str, str]]:
    """The records that plain Checkov gets from three of its runners."""
    for framework in PLAIN:
        only = engine.only(checks=["OAI_*"], framework=list(PLAIN), show_progress_bar=False)
        report = engine.runners[framework]().run(str(folder), [str(CHECKS)], runner_filter=only)
        records = [*report.failed_checks, *report.skipped_checks]
        yield f"checkov {framework}", "\n".join(map(_record, records))


def _lines(words: Iterable[Any]) -> str:
    return "\n".join(map(str, words))


def _resource(resource: Any) -> str:
    said = f"{resource.framework} {resource.type} {resource.id} {resource.scope}"
    return f"{said} {resource.file}:{resource.line} handle={resource.handle} {resource.variant}"


def _finding(finding: Any) -> str:
    facts = {
        "place": finding.place,
        "end": finding.end_line,
        "handle": finding.handle,
        "variant": finding.variant,
        "severity": finding.severity,
        "cause": finding.cause,
        "also": finding.also,
        "law": finding.law,
        "fingerprint": finding.fingerprint,
        "message": finding.message,
    }
    return _lines(
        (
            f"{finding.rule} {finding.resource}",
            *(f"  {name}: {value}" for name, value in facts.items()),
            *(f"  step {s.role.value}: {s} | {s.place}" for s in finding.trace),
            *(f"  fix: {line}" for line in str(finding.remediation).splitlines()),
        )
    )


def _exempt(exempt: Any) -> str:
    who = f"{exempt.owner}, {exempt.approved_on}, plan={exempt.plan}"
    return (
        f"{_finding(exempt.finding)}\n  exempt {exempt.kind}: {exempt.say()} | {exempt.place} {who}"
    )


def _record(record: Any) -> str:
    facts = {
        "file": record.file_path,
        "lines": record.file_line_range,
        "severity": record.severity.name if record.severity else "",
        "result": record.check_result.get("result"),
        "why": record.check_result.get("suppress_comment"),
        "name": record.check_name,
        "page": record.guideline,
    }
    return _lines(
        (
            f"{record.check_id} {record.resource}",
            *(f"  {name}: {value}" for name, value in facts.items()),
            *(f"  | {line}" for line in record.details),
            *(f"  {number}: {line.rstrip()}" for number, line in record.code_block or ()),
        )
    )


def _steady(form: str, text: str) -> str:
    """A report without what tells of the commit."""
    if form != "evidence":
        return text
    document = json.loads(text)
    own = {k: document["digests"][k] for k in ("policy", "compliance_files")}
    document = {k: v for k, v in document.items() if k not in LEFT_OUT}
    return json.dumps({**document, "digests": own}, indent=1, ensure_ascii=False)


def write(out: Path, wanted: Sequence[str] = ()) -> int:
    """Writes the file of each case whose name fits; 0 if all could be written."""
    found = cases()
    names = [n for n in found if not wanted or any(fnmatch.fnmatch(n, w) for w in wanted)]
    out.mkdir(parents=True, exist_ok=True)
    engine = started()
    children = []
    for share in range(PROCESSES):
        child = os.fork()
        if not child:
            os._exit(_written(engine, out, {n: found[n] for n in names[share::PROCESSES]}))
        children.append(child)
    return max(os.waitstatus_to_exitcode(os.waitpid(c, 0)[1]) for c in children)


def _written(engine: Engine, out: Path, found: dict[str, Path]) -> int:
    status = 0
    for name, folder in found.items():
        try:
            text = told(engine, folder)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            text, status = f"broken: {type(error).__name__}: {error}\n", 1
        (out / f"{name}.txt").write_text(text, encoding="utf-8", errors="backslashreplace")
    sys.stdout.flush()
    return status


def compare(one: Path, other: Path, shown: int = 40) -> int:
    """Prints what differs between two folders, the first lines of each; 0 if nothing does."""
    names = sorted({p.name for folder in (one, other) for p in folder.glob("*.txt")})
    differing = 0
    for name in names:
        a, b = (
            f.read_text(encoding="utf-8").splitlines() if f.is_file() else ["(no such file)"]
            for f in (one / name, other / name)
        )
        if a == b:
            continue
        differing += 1
        lines = list(difflib.unified_diff(a, b, str(one / name), str(other / name), "", "", 1, ""))
        print("\n".join(line[:400] for line in lines[:shown]))
        if len(lines) > shown:
            print(f"… {len(lines) - shown} more lines")
    print(f"{differing} of {len(names)} files differ.")
    return 1 if differing or not names else 0


def main(argv: Sequence[str]) -> int:
    """Writes or compares; 64 for wrong usage."""
    if len(argv) == 3 and argv[0] == "--compare":
        return compare(Path(argv[1]), Path(argv[2]))
    if not argv or argv[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 64
    begun = time.monotonic()
    status = write(Path(argv[0]).resolve(), argv[1:])
    print(f"{len(list(Path(argv[0]).glob('*.txt')))} files in {time.monotonic() - begun:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

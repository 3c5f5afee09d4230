"""Explains a rule by its page, and a resource by what was seen, what follows, and what would change it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from openai_phi.facts.data_files import engine_folder
from openai_phi.facts.written_names import fits
from openai_phi.finding.findings import trace_of
from openai_phi.finding.results import Result
from openai_phi.finding.rule import Rule
from openai_phi.reporting.posture import words
from openai_phi.scanning.proposed_fixes import lines_that_settle
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import Finding
from openai_phi.words.observed import PhiStatus, Role, Workload
from openai_phi.words.verdict import Verdict

_PHI = {
    PhiStatus.PHI: "handles PHI",
    PhiStatus.SUSPECTED: "may handle PHI: only names say so, and nothing classifies its data",
    PhiStatus.NOT_PHI: "is declared free of PHI",
    PhiStatus.UNCLASSIFIED: "is not classified: nothing says what data it handles",
}


_NUMBER = re.compile(r"^\d+\. ")


def page_of(rule: Rule) -> str:
    """The page of a rule. Raises OSError where the pages do not lie beside the engine."""
    here = engine_folder()
    shipped = here / "_pages"
    folder = shipped if shipped.is_dir() else here.parent.parent / "docs" / "rules"
    return (folder / f"{rule.name}.md").read_text(encoding="utf-8")


def rule_named(rules: Iterable[Rule], name: str) -> Rule | None:
    """A rule by its id, also without `OAI_`, or by its name."""
    wanted = name.upper().replace("-", "_")
    return next(
        (r for r in rules if wanted in (r.id, r.id.removeprefix("OAI_"), r.name.upper())), None
    )


def workloads_named(result: Result, name: str) -> list[Workload]:
    """The workloads of this id or pattern, or of this name alone."""
    found = result.analysis.estate.workloads
    exact = [w for w in found if fits(w.id, name)]
    return exact or [w for w in found if w.resource.name == name or w.resource.file == name]


def close_to(result: Result, name: str) -> list[str]:
    """Ids that the name may have meant."""
    ids = sorted({w.id for w in result.analysis.estate.workloads})
    return difflib.get_close_matches(name, ids, 3, 0.4) or ids[:5]


def explain(result: Result, workload: Workload) -> Iterator[str]:
    """Why a workload is judged so, line by line."""
    resource = workload.resource
    yield f"{workload.id}, {resource.type}, at {resource.place()}"
    yield f"It {_PHI[workload.phi]}."
    yield from (f"  {e.say()}" for e in workload.phi_evidence)
    if workload.declaration is not None and not workload.phi_evidence:
        yield f"  declared at {workload.declaration.place}"
    yield from (f"  contradicted by {e.say()}" for e in workload.contradiction)
    if not workload.uses:
        yield "Nothing shows that it uses a provider that is judged."
    assessed = result.analysis.of(workload)
    for assessment in assessed:
        yield from _use(assessment)
    if workload.uses and not assessed:
        hosts = ", ".join(sorted({u.host or u.provider for u in workload.uses}))
        yield f"It uses {hosts}; cover is only asked for where PHI is handled."
    yield from _change(result, workload, assessed)


def _use(assessment: Assessment) -> Iterator[str]:
    yield f"Verdict: {words(assessment.verdict, assessment.assured)}, because"
    order = (Role.CALL, Role.EVIDENCE, Role.BROKEN, Role.MISSING, Role.HOLDS)
    steps = trace_of(assessment)
    for role in order:
        yield from (f"  {_NUMBER.sub('', s.text.strip())}" for s in steps if s.role is role)


def _change(result: Result, workload: Workload, assessed: tuple[Assessment, ...]) -> Iterator[str]:
    own = [f for f in result.findings if f.resource == workload.id]
    exempt = [e for e in result.exempt if e.finding.resource == workload.id]
    yield from (f"Excepted: {e.finding.rule}: {e.say()}" for e in exempt)
    if exempt and not own:
        return
    yield "What would change it:"
    if not own and any(a.verdict is Verdict.COVERED for a in assessed):
        yield "  Each line that holds above: take one away, and it is no longer covered."
    if not own and not assessed:
        yield "  A marker of PHI at it or at what it reads from, or a declaration in openai-compliance.yaml."
    paste = lines_that_settle(replace(result, findings=tuple(own)))
    for file, lines in paste.files.items():
        rules = ", ".join(sorted({f.rule for f in paste.settles}))
        yield f"  These lines in {file}, once true (they settle {rules}):"
        yield from (f"    {line}" for line in lines)
    settled = set(map(id, paste.settles))
    for finding in (f for f in own if id(f) not in settled):
        yield f"  {finding.rule}:"
        yield from (f"    {line}" for line in _fix(finding))
    policy = result.analysis.declarations.policy
    if policy is None or policy.legal_told:
        yield from dict.fromkeys(f.legal for f in own if f.legal)


def _fix(finding: Finding) -> list[str]:
    return [line for line in finding.remediation.splitlines() if line.strip()]

"""The same deployment says the same in every framework: verdicts, rules and kinds of evidence."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from metamorphic.deployments import WRITERS, Deployment, deployments
from openai_phi.declared.declaration_loader import load
from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.finding.rule import Rule
from openai_phi.finding.rule_runs import run_rules
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.verdicts.analysis import Inputs, analyse

POLICIES = {
    "agreed": """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_clinic], approved_on: 2026-10-10}
projects:
  - {id: proj_clinic, organization: org-clinic, retention: zero_data_retention, delegated_to: ["**"]}
""",
    "retention off": """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
projects:
  - {id: proj_clinic, organization: org-clinic, retention: none, delegated_to: ["**"]}
""",
    "nothing agreed": "version: 1\nprojects:\n  - {id: proj_clinic, organization: org-clinic, delegated_to: ['**']}\n",
    "no policy": "",
}
NEEDS = {"kustomize": ("kustomize", "kubectl")}
"""Frameworks that Checkov reads with a tool of theirs, and the tools."""


@dataclass(frozen=True)
class Said:
    """What one deployment is judged as."""

    phi: tuple[str, ...]
    verdicts: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Inputs, list[Rule]]:
    """Every deployment in every framework, each in a folder of its own, read once."""
    root = tmp_path_factory.mktemp("same")
    for framework, write in WRITERS.items():
        for deployment in deployments():
            files = {**write(deployment), "openai-compliance.yaml": deployment.compliance}
            for name, text in files.items():
                if text:
                    path = root / framework / deployment.name / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_PHI_TODAY", "2026-11-20")
        result = scan_folder(Options(str(root), everything=True))
    return root, result.inputs, list(result.rules)


def said(estate: tuple[Path, Inputs, list[Rule]], framework: str, policy: str) -> dict[str, Said]:
    """What each deployment of one framework is judged as under a policy."""
    root, inputs, rules = estate
    file = root.parent / f"{policy}.yaml".replace(" ", "-")
    file.write_text(POLICIES[policy], encoding="utf-8")
    path = str(file) if POLICIES[policy] else None
    words = CatalogueWords(inputs.catalogue)
    declared = load(str(root), policy_path=path, known=words)
    assert declared.mistakes == ()
    whole = replace(inputs, declarations=declared)
    return {d.name: _said(whole, f"{framework}/{d.name}/", rules) for d in deployments()}


def _said(inputs: Inputs, folder: str, rules: list[Rule]) -> Said:
    mine = [r for r in inputs.resources if r.file.startswith(folder)]
    unread = [u for u in inputs.unread if u.file.startswith(folder)]
    analysis = analyse(replace(inputs, resources=mine, unread=unread))
    assert unread == []
    parts = {("broken", o.conjunct.value) for a in analysis.assessments for o in a.broken}
    parts |= {("missing", o.conjunct.value) for a in analysis.assessments for o in a.missing}
    parts |= {("holds", o.conjunct.value) for a in analysis.assessments for o in a.held}
    uses = [u for w in analysis.estate.workloads for u in w.uses]
    facts = {(e.kind.value, e.value) for u in uses for e in u.evidence}
    return Said(
        tuple(w.phi.value for w in analysis.estate.workloads),
        tuple((a.verdict.value, a.assurance.word) for a in analysis.assessments),
        tuple(sorted(parts)),
        tuple(sorted(f.rule for run in run_rules(rules, analysis) for f in run.findings)),
        tuple(sorted(facts)),
    )


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("framework", [f for f in WRITERS if f != "kubernetes"])
def test_a_framework_says_what_kubernetes_says(
    estate: tuple[Path, Inputs, list[Rule]], framework: str, policy: str
) -> None:
    tools = NEEDS.get(framework, ())
    if tools and not any(map(shutil.which, tools)):
        pytest.skip(f"NOT RUN: none of {', '.join(tools)} is installed")
    here, there = said(estate, framework, policy), said(estate, "kubernetes", policy)
    assert {n: s for n, s in here.items() if s != there[n]} == {
        n: there[n] for n, s in here.items() if s != there[n]
    }


EXPECTED = {
    ("phi", "/v1/responses", "agreed"): ([("covered", "attested")], []),
    ("phi", "/v1/conversations", "agreed"): ([("not covered", "none")], ["OAI_COVERAGE_1"]),
    ("phi", "", "agreed"): ([("unproven", "none")], ["OAI_COVERAGE_9"]),
    ("phi", "/v1/responses", "retention off"): ([("not covered", "none")], ["OAI_COVERAGE_3"]),
    ("phi", "/v1/responses", "nothing agreed"): (
        [("not covered", "none")],
        ["OAI_COVERAGE_2", "OAI_COVERAGE_9"],
    ),
    ("none", "/v1/responses", "agreed"): ([], []),
    ("unsaid", "/v1/responses", "agreed"): ([], ["OAI_DECLARATION_2"]),
}


@pytest.mark.parametrize(("data", "endpoint", "policy"), EXPECTED)
def test_what_kubernetes_says(
    estate: tuple[Path, Inputs, list[Rule]], data: str, endpoint: str, policy: str
) -> None:
    found = said(estate, "kubernetes", policy)[Deployment(data, endpoint, "file").name]
    verdicts, rules = EXPECTED[(data, endpoint, policy)]
    assert (list(found.verdicts), list(found.rules)) == (verdicts, rules)

"""Each rule that a deployment can break speaks of it in every framework, and is silent of the same without the fault.

`LEFT_OUT` says which rules are not held here, and why; a rule is in one of the two.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from metamorphic.deployments import WRITERS, Deployment, declared
from metamorphic.test_same_deployment_says_the_same import NEEDS
from openai_phi.declared.declaration_loader import load
from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.finding.rule import Rule
from openai_phi.finding.rule_files import load_rules
from openai_phi.finding.rule_runs import run_rules
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.verdicts.analysis import Analysis, Inputs, analyse
from openai_phi.words.resources import Setting, Unknown
from openai_phi.words.verdict import Verdict

AGREED = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_clinic], approved_on: 2026-10-10}
projects:
  - {id: proj_clinic, organization: org-clinic, retention: zero_data_retention, delegated_to: ["**"]}
"""
UNSIGNED = AGREED.replace("[org-clinic], terms", "[org-other], terms")
OFF = AGREED.replace("retention: zero_data_retention", "retention: none")
BOUND = "data: phi, project: proj_clinic, endpoints: [/v1/responses], features: []"
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
AZURE = {
    "AZURE_OPENAI_ENDPOINT": "https://clinic.openai.azure.com",
    "AZURE_OPENAI_API_KEY": "@Microsoft.KeyVault(VaultName=v;SecretName=s)",
}
IN_AZURE = f"data: phi, organization: {SUBSCRIPTION}, endpoints: [/v1/responses], features: []"
PRODUCT = f"""version: 1
agreements:
  - {{kind: baa, provider: azure-openai, subscriptions: [{SUBSCRIPTION}], terms: microsoft-product-terms, signed_on: 2026-02-01}}
  - {{kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}}
"""
KEY = "sk-proj-" + "a1B2" * 12


@dataclass(frozen=True)
class Faulty(Deployment):
    """A deployment that breaks a rule: by what it says of itself, in its file, or by the policy."""

    rule: str = ""
    said: Mapping[str, str] = field(default_factory=dict, hash=False)
    marked: Mapping[str, str] = field(default_factory=dict, hash=False)
    declared: str = BOUND
    policy: str = AGREED
    called: str = "app"

    @property
    def name(self) -> str:
        return self.rule.lower()

    @property
    def variables(self) -> dict[str, str]:
        return dict(self.said)

    @property
    def markers(self) -> dict[str, str]:
        return dict(self.marked)

    @property
    def compliance(self) -> str:
        return declared(self.declared) if self.declared else "version: 1\n"


def faulty(
    rule: str,
    declared: str = BOUND,
    policy: str = AGREED,
    said: Mapping[str, str] | None = None,
    marked: Mapping[str, str] | None = None,
    called: str = "app",
) -> Faulty:
    return Faulty("", "", "", rule, said or {}, marked or {}, declared, policy, called)


FAULTS = [
    faulty("OAI_COVERAGE_1", BOUND.replace("responses", "conversations")),
    faulty("OAI_COVERAGE_2", policy=UNSIGNED),
    faulty("OAI_COVERAGE_3", policy=OFF),
    faulty("OAI_COVERAGE_4", said={"OPENAI_WEB_SEARCH": "true"}),
    faulty("OAI_COVERAGE_5", said={"OPENAI_BASE_URL": "https://openrouter.ai/api/v1"}),
    faulty("OAI_COVERAGE_6", said={"OPENAI_BASE_URL": "https://chatgpt.com/backend-api"}),
    faulty("OAI_COVERAGE_7", said={"LANGSMITH_TRACING": "true"}),
    faulty("OAI_COVERAGE_8", BOUND.replace("responses", "fine_tuning/jobs") + ", retention_days: 7"),
    faulty("OAI_COVERAGE_9", "data: phi, project: proj_clinic, features: []"),
    faulty("OAI_DECLARATION_2", ""),
    faulty("OAI_DECLARATION_3", "", called="patients"),
    faulty("OAI_DECLARATION_4", "data: none", marked={"data-classification": "phi"}),
    faulty("OAI_DECLARATION_6", "", "", {"OPENAI_ZDR_ENABLED": "true", "OPENAI_BAA_SIGNED": "true", "OPENAI_COMPLIANCE_DATA": "phi", "OPENAI_COMPLIANCE_ENDPOINTS": "/v1/responses", "OPENAI_COMPLIANCE_FEATURES": "none"}),
    faulty("OAI_DECLARATION_7", "", AGREED + "registration: required\n"),
    faulty("OAI_EGRESS_1", policy=AGREED + "limits: {restrict_egress: true}\n"),
    faulty("OAI_RETENTION_1", BOUND.replace("responses", "files")),
    faulty("OAI_RETENTION_2", policy=AGREED.replace("kind: zdr", "kind: modified_retention").replace(", retention: zero_data_retention", ""), said={"OPENAI_STORE": "true"}),
    faulty("OAI_RETENTION_3", BOUND.replace("responses", "files") + ", retention_days: 30", AGREED + "limits: {max_retention_days: 7}\n"),
    faulty("OAI_RESIDENCY_1", policy=AGREED + "limits: {region: eu}\n", said={"OPENAI_BASE_URL": "https://us.api.openai.com/v1"}),
    faulty("OAI_RESIDENCY_2", BOUND.replace("data: phi", "data: [phi, personal_eu]")),
    faulty("OAI_SECRET_1", said={"OPENAI_DEFAULT_API_KEY": KEY}),
    faulty("OAI_SECRET_2", said={"OPENAI_ADMIN_KEY": KEY.replace("proj", "admin")}),
    faulty("OAI_TRANSPORT_1", said={"NODE_TLS_REJECT_UNAUTHORIZED": "0"}),
    faulty("OAI_AZURE_1", IN_AZURE, PRODUCT, AZURE),
    faulty("OAI_AZURE_2", IN_AZURE, PRODUCT, {**AZURE, "AZURE_OPENAI_API_VERSION": "2025-04-01-preview"}),
    faulty("OAI_AZURE_4", IN_AZURE.replace("[]", "[web_grounding]"), PRODUCT, AZURE),
]  # fmt: skip
SOUND = faulty("sound")
FORCED = {("github_actions", "OAI_SECRET_2")}
"""What a framework forces to be different, as docs/frameworks.md says."""
LEFT_OUT = {
    **dict.fromkeys(("OAI_SCAN_1", "OAI_SCAN_2", "OAI_SCAN_3"), "of the scan, not of a deployment"),
    **dict.fromkeys(
        ("OAI_DECLARATION_1", "OAI_DECLARATION_5", "OAI_DECLARATION_8"), "of the declaring files"
    ),
    **dict.fromkeys(
        ("OAI_EGRESS_2", "OAI_EGRESS_3", "OAI_RETENTION_4", "OAI_STORAGE_1", "OAI_AZURE_3"),
        "of resources that only some frameworks have",
    ),
    "OAI_SECRET_3": "of two workloads that share a key: tests/finding/test_sharing_findings.py",
}


def test_every_rule_is_held_or_left_out_with_its_reason() -> None:
    rules = {rule.id for rule in load_rules().rules}
    held = {fault.rule for fault in FAULTS}
    assert held.isdisjoint(LEFT_OUT)
    assert held | set(LEFT_OUT) == rules


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Inputs, list[Rule]]:
    """Every fault in every framework, each in a folder of its own, read once."""
    root = tmp_path_factory.mktemp("faults")
    for framework, write in WRITERS.items():
        for fault in (*FAULTS, SOUND):
            for name, text in write(fault).items():
                path = root / framework / fault.name / name
                path.parent.mkdir(parents=True, exist_ok=True)
                named = re.sub(r"\bapp\b(?!\.)", fault.called, text)
                named = re.sub(r"\bApp\b", fault.called.title(), named)
                path.write_text(named, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_PHI_TODAY", "2026-11-20")
        result = scan_folder(Options(str(root), everything=True))
    return root, result.inputs, list(result.rules)


def seen(
    estate: tuple[Path, Inputs, list[Rule]], framework: str, fault: Faulty, hidden: str = ""
) -> Analysis:
    """A deployment judged with its own declarations; the value of a `hidden` variable is not known."""
    root, inputs, _ = estate
    folder = root.parent / f"declared-{framework}-{fault.name}"
    folder.mkdir(exist_ok=True)
    (folder / "openai-compliance.yaml").write_text(fault.compliance, encoding="utf-8")
    policy = folder / "policy.yaml"
    policy.write_text(fault.policy, encoding="utf-8")
    declared = load(
        str(folder),
        policy_path=str(policy) if fault.policy else None,
        known=CatalogueWords(inputs.catalogue),
    )
    assert declared.mistakes == ()
    mine = [r for r in inputs.resources if r.file.startswith(f"{framework}/{fault.name}/")]
    if hidden:
        assert any(s.name == hidden for r in mine for s in r.settings)
        mine = [replace(r, settings=tuple(_without(s, hidden) for s in r.settings)) for r in mine]
    return analyse(replace(inputs, resources=mine, unread=(), declarations=declared))


def _without(setting: Setting, hidden: str) -> Setting:
    known = setting.name != hidden
    return setting if known else replace(setting, value=Unknown("is known to a deployment alone"))


def broken(estate: tuple[Path, Inputs, list[Rule]], framework: str, fault: Faulty) -> set[str]:
    """The rules that a deployment breaks, with its own declarations."""
    runs = run_rules(estate[2], seen(estate, framework, fault))
    return {f.rule for run in runs for f in run.findings}


def needs(framework: str) -> None:
    """Skips where Checkov has no tool to read a framework with."""
    tools = NEEDS.get(framework, ())
    if tools and not any(map(shutil.which, tools)):
        pytest.skip(f"NOT RUN: none of {', '.join(tools)} is installed")


@pytest.mark.parametrize("framework", WRITERS)
def test_each_rule(estate: tuple[Path, Inputs, list[Rule]], framework: str) -> None:
    needs(framework)
    silent = {(framework, f.rule) for f in FAULTS if f.rule not in broken(estate, framework, f)}
    assert silent == {f for f in FORCED if f[0] == framework}
    assert broken(estate, framework, SOUND) == set()


UNSEEN = [
    (fault, name)
    for fault in FAULTS
    for name in fault.said
    if fault.rule in ("OAI_COVERAGE_5", "OAI_COVERAGE_6", "OAI_COVERAGE_7")
]
"""What no declaration of the team answers for; which features are on, it does (COVERAGE_4)."""


@pytest.mark.parametrize("framework", WRITERS)
def test_what_breaks_cover_is_no_pass_where_its_value_is_not_known(
    estate: tuple[Path, Inputs, list[Rule]], framework: str
) -> None:
    needs(framework)
    assert len(UNSEEN) == 3
    for fault, name in UNSEEN:
        known = {a.verdict for a in seen(estate, framework, fault).assessments}
        unknown = {a.verdict for a in seen(estate, framework, fault, name).assessments}
        assert (fault.rule, known) == (fault.rule, {Verdict.NOT_COVERED})
        assert (fault.rule, unknown) == (fault.rule, {Verdict.UNPROVEN})

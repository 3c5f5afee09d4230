"""Each trick of docs/threats.md, played on a workload that is covered without it: what must be said then."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from scan import ROOT

from clinic import COMPLIANCE, COVERED, WORKLOAD
from inprocess import write
from openai_phi.scanning.outcome import Outcome, outcome_of
from openai_phi.scanning.scan import Options, scan_folder

PAGE = ROOT / "docs" / "threats.md"
FILES = {"app_yaml": WORKLOAD, "openai-compliance_yaml": COMPLIANCE}


def variable(text: str, key: str = "value") -> dict[str, str]:
    """The workload with one more variable."""
    return {"app_yaml": f"{WORKLOAD}            - {{name: {text}}}\n"}


def with_base(url: str) -> dict[str, str]:
    return variable(f"OPENAI_BASE_URL, value: '{url}'")


def says(text: str) -> dict[str, str]:
    return {"openai-compliance_yaml": COMPLIANCE + text}


def instead(old: str, new: str, text: str = WORKLOAD) -> dict[str, str]:
    assert old in text
    return {"app_yaml": text.replace(old, new)}


SERVICE = """apiVersion: v1
kind: Service
metadata: {{name: llm, namespace: clinic}}
spec: {{type: ExternalName, externalName: {0}}}
"""
SECRET = """apiVersion: v1
kind: Secret
metadata: {name: openai, namespace: clinic}
stringData: {OPENAI_API_KEY: sk-proj-aBcDeFgHiJkLmNoPqRsTuVwX0123456789}
"""
KEY = "valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}"
SECOND = "SPARE_OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: other, key: k}}"
ACCEPTED = (
    "exceptions:\n  - {rule: %s, resource: %s, kind: accepted, reason: r, owner: o, ticket: T-1, "
    "approved_by: %s, approved_on: 2026-11-15, expires_on: 2026-12-01}\n"
)
CONVERSES = variable("URL, value: 'https://api.openai.com/v1/conversations'")["app_yaml"]
NINE, ONE = "OAI_COVERAGE_9", "OAI_COVERAGE_1"

# number in the page -> the files that differ, and a rule that must be among the findings
TRICKS: dict[str, tuple[dict[str, str], str]] = {
    "T1": (with_base("https://relay.example.org/v1"), NINE),
    "T2": ({**with_base("http://llm/v1"), "svc_yaml": SERVICE.format("relay.example.org")}, NINE),
    "T3": (with_base("http://localhost:8080/v1"), NINE),
    "T4": (variable(SECOND), NINE),
    "T5": ({"secret_yaml": SECRET}, "OAI_SECRET_1"),
    "T6": (instead(KEY, "valueFrom: {secretKeyRef: {name: research, key: OPENAI_API_KEY}}"), NINE),
    "T7": (instead("name: OPENAI_API_KEY", '"n\\x61me": "OPENAI\\x5fAPI_KEY"', WORKLOAD.replace("openai, key", "other, key")), NINE),
    "T8": (instead("data-classification: phi", "data-classification: phi-non-prod", CONVERSES), ONE),
    "T9": ({"app_yaml": CONVERSES}, ONE),
    "T10": ({"openai-compliance_yaml": "version: 1\nworkloads:\n  - {match: '*', data: none}\n"}, "OAI_DECLARATION_1"),
    "T11": (says(ACCEPTED % (NINE, "Deployment.*", "compliance@clinic.example")), "OAI_DECLARATION_5"),
    "T12": (says(ACCEPTED % (NINE, "Deployment.clinic.notes", "me@clinic.example")), "OAI_DECLARATION_5"),
    "T13": ({"_checkov_yaml": "skip-check: [OAI_*]\n"}, "OAI_SCAN_2"),
    "T14": (instead("metadata: {name: notes,", "metadata: {annotations: {checkov.io/skip1: OAI_COVERAGE_9=no}, name: notes,"), "OAI_SCAN_2"),
    "T15": ({"broken_yaml": "apiVersion: v1\nkind: Pod\nx: [OPENAI_API_KEY\n"}, "OAI_SCAN_1"),
    "T16": ({"chart__Chart_yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "chart__templates__a_yaml": "{{ fail `no` }}\nb: OPENAI_API_KEY\n"}, "OAI_SCAN_1"),
    "T17": ({"sub__openai-policy_yaml": COVERED}, "OAI_DECLARATION_1"),
    "T18": (variable("OPENAI_ZDR_ENABLED, value: 'true'") | {"openai-policy_yaml": COVERED.replace("  - {kind: zdr", "  # {kind: zdr")}, NINE),
    "T19": (variable("OPENAI_BASE_URL, valueFrom: {configMapKeyRef: {name: elsewhere, key: url}}"), NINE),
    "T20": (variable("LANGSMITH_TRACING, value: 'true'"), "OAI_COVERAGE_7"),
}  # fmt: skip


def judged(folder: Path, changed: dict[str, str]) -> Outcome:
    files = {"openai-policy_yaml": COVERED, **FILES, **changed}
    hidden = files.pop("_checkov_yaml", "")
    write(folder, **files)
    if hidden:
        (folder / ".checkov.yaml").write_text(hidden)
    return outcome_of(scan_folder(Options(str(folder))))


def test_without_a_trick_it_is_covered(tmp_path: Path) -> None:
    found = judged(tmp_path, {})
    assert not [f.rule for f in found.failing]
    assert found.exit_code == 0
    assert [a.verdict.value for a in found.result.analysis.assessments] == ["covered"]


@pytest.mark.parametrize("trick", TRICKS)
def test_the_trick_fails(tmp_path: Path, trick: str) -> None:
    changed, rule = TRICKS[trick]
    found = judged(tmp_path, changed)
    assert rule in {f.rule for f in found.result.findings}
    assert found.exit_code in (1, 2) or rule == "OAI_DECLARATION_5"


def _rows(column: Callable[[list[str]], str]) -> list[str]:
    rows = re.findall(r"^\| (T\d+) \|(.+)\|$", PAGE.read_text(), re.M)
    return [column([number, *rest.split("|")]) for number, rest in rows]


def test_the_page_and_the_tests_name_the_same_tricks_and_rules() -> None:
    assert _rows(lambda r: r[0]) == list(TRICKS)
    said = _rows(lambda r: r[2])
    assert [rule in text for (_, rule), text in zip(TRICKS.values(), said, strict=True)] == [
        True
    ] * len(TRICKS)

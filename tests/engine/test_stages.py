"""The engine's order: a module imports only what comes before it, and only the bridge knows Checkov."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from scan import CHECKS

ORDER = [
    "model",
    "scan_input",
    "data_files",
    "regions",
    "written_names",
    "documents",
    "file_forms",
    "signatures",
    "settings",
    "catalogue",
    "declaration_files",
    "exceptions",
    "declarations",
    "deadlines",
    "proofs",
    "kustomizations",
    "values_places",
    "terraform_values",
    "terraform_json",
    "terraform_source",
    "helm_renderer",
    "unread",
    "skips",
    "gate",
    "prefilter",
    "chart_values",
    "variants",
    "file_parts",
    "bicep_source",
    "ansible_files",
    "compose_files",
    "cloud_templates",
    "azure_templates",
    "bicep_modules",
    "workflow_files",
    "values_files",
    "plan_files",
    "left_aside",
    "file_reader",
    "egress",
    "receivers",
    "resource_logs",
    "front_doors",
    "weak_spots",
    "evidence",
    "uses",
    "kubernetes_reader",
    "terraform_reader",
    "addresses",
    "ways",
    "accounts",
    "cluster_doors",
    "stores",
    "estate",
    "availability",
    "parties",
    "judging",
    "analysis",
    "redaction",
    "rule",
    "findings",
    "egress_findings",
    "account_findings",
    "retention_findings",
    "residency_findings",
    "sharing_findings",
    "exemptions",
    "controls",
    "rule_runs",
    "rule_files",
    "graph_scan",
    "checkov_runs",
    "checkov_records",
    "checkov_load",
    "bridge",
    "results",
    "inventory",
    "scope",
    "versions",
    "repository",
    "posture",
    "flow_graph",
    "markdown_text",
    "markup",
    "reliance",
    "html_workloads",
    "html_evidence",
    "report_html",
    "report_json",
    "report_sarif",
    "report_markdown",
    "report_junit",
    "report_csv",
    "report_oscal",
    "evidence_manifest",
    "reports",
    "checkov_graphs",
    "scan",
    "baseline",
    "outcome",
    "causes",
    "settling",
    "report_text",
    "annotations",
    "action_outputs",
    "revisions",
    "editions",
    "explaining",
    "drafts",
    "validating",
    "cli_given",
    "cli_checks_dir",
    "cli_catalog",
    "cli_explain",
    "cli_init",
    "cli_validate",
    "cli_scan",
    "cli",
]
OF_CHECKOV = {"checkov_runs", "checkov_records", "bridge", "checkov_graphs"}
MODULES = sorted((CHECKS / "openai_phi").glob("*.py"))


def imported(file: Path) -> set[str]:
    """The modules that a module needs at run time."""
    out: set[str] = set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for statement in list(tree.body):
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            tree.body.remove(statement)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            out.add(node.module)
        elif isinstance(node, ast.Import):
            out |= {a.name for a in node.names}
    return out


def test_every_module_has_its_place() -> None:
    assert sorted(ORDER) == [f.stem for f in MODULES]


def test_the_stages_are_written_down() -> None:
    text = (CHECKS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)`", text.split("## The stages")[1].split("Only the row")[0]))
    assert named == set(ORDER)


@pytest.mark.parametrize("file", MODULES, ids=lambda f: f.stem)
def test_a_module_imports_only_what_comes_before_it(file: Path) -> None:
    found = imported(file)
    ours = {m.partition(".")[2] for m in found if m.startswith("openai_phi.")}
    late = {m for m in ours if ORDER.index(m) >= ORDER.index(file.stem)}
    assert late == set()
    if file.stem not in OF_CHECKOV:
        assert not [m for m in found if m.split(".")[0] == "checkov"]


@pytest.mark.parametrize("file", MODULES, ids=lambda f: f.stem)
def test_a_module_says_what_it_is_for_in_its_first_line(file: Path) -> None:
    doc = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    assert doc
    assert doc.splitlines()[0].endswith(".")


def test_a_rule_file_publishes_one_rule_of_its_name() -> None:
    for file in CHECKS.glob("[a-z]*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        (rule,) = [n.name for n in tree.body if isinstance(n, ast.ClassDef)]
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in rule).lstrip("_")
        assert snake == file.stem
        assert ast.unparse(tree.body[-1]) == f"publish({rule}())"

"""The rooms of the engine: their order, what lies in them, and which names their modules may not bear."""

from __future__ import annotations

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest
from scan import CHECKS

ENGINE = CHECKS / "openai_phi"
ROOMS = (
    "words",
    "facts",
    "text",
    "declared",
    "reading",
    "observing",
    "linking",
    "verdicts",
    "finding",
    "gathering",
    "plugin",
    "scanning",
    "reporting",
    "commands",
)
"""From the ground up: a room imports itself and what stands before it."""
ONCE_MODULES = frozenset(
    [
        "account_findings",
        "accounts",
        "action_outputs",
        "addresses",
        "analysis",
        "annotations",
        "ansible_files",
        "availability",
        "azure_templates",
        "baseline",
        "bicep_modules",
        "bicep_source",
        "bridge",
        "catalogue",
        "causes",
        "chart_values",
        "checkov_graphs",
        "checkov_load",
        "checkov_records",
        "checkov_runs",
        "cli",
        "cli_catalog",
        "cli_checks_dir",
        "cli_explain",
        "cli_given",
        "cli_init",
        "cli_scan",
        "cli_validate",
        "cloud_templates",
        "cluster_doors",
        "compose_files",
        "controls",
        "data_files",
        "deadlines",
        "declaration_files",
        "declarations",
        "documents",
        "drafts",
        "editions",
        "egress",
        "egress_findings",
        "estate",
        "evidence",
        "evidence_manifest",
        "exceptions",
        "exemptions",
        "explaining",
        "file_forms",
        "file_parts",
        "file_reader",
        "findings",
        "flow_graph",
        "front_doors",
        "gate",
        "graph_scan",
        "helm_renderer",
        "html_evidence",
        "html_workloads",
        "inventory",
        "judging",
        "kubernetes_reader",
        "kustomizations",
        "left_aside",
        "markdown_text",
        "markup",
        "model",
        "outcome",
        "parties",
        "plan_files",
        "posture",
        "prefilter",
        "proofs",
        "receivers",
        "redaction",
        "regions",
        "reliance",
        "report_csv",
        "report_html",
        "report_json",
        "report_junit",
        "report_markdown",
        "report_oscal",
        "report_sarif",
        "report_text",
        "reports",
        "repository",
        "residency_findings",
        "resource_logs",
        "results",
        "retention_findings",
        "revisions",
        "rule",
        "rule_files",
        "rule_runs",
        "scan",
        "scan_input",
        "scope",
        "settings",
        "settling",
        "sharing_findings",
        "signatures",
        "skips",
        "stores",
        "terraform_json",
        "terraform_reader",
        "terraform_source",
        "terraform_values",
        "unread",
        "uses",
        "validating",
        "values_files",
        "values_places",
        "variants",
        "versions",
        "ways",
        "weak_spots",
        "workflow_files",
        "written_names",
    ]
)
"""Modules of earlier wheels: lying beside a newer checkout, each would hide a folder of its name."""
MODULES = sorted(ENGINE.rglob("*.py"))
FOLDERS = sorted(d for d in ENGINE.rglob("*") if d.is_dir() and d.name != "__pycache__")


def dotted(file: Path) -> str:
    """The name that a module is imported by."""
    return ".".join(file.relative_to(CHECKS).with_suffix("").parts)


def room(name: str) -> str:
    """The room of a module's dotted name."""
    return name.split(".")[1]


def imported(file: Path, *, types: bool = True) -> set[str]:
    """The modules that a module imports anywhere in it, also for its types alone unless told otherwise."""
    out: set[str] = set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if not types:
        tree.body = [
            s
            for s in tree.body
            if not (isinstance(s, ast.If) and ast.unparse(s.test) == "TYPE_CHECKING")
        ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{a.name}" for a in node.names}
            out |= names & OURS or {node.module}
        elif isinstance(node, ast.Import):
            out |= {a.name for a in node.names}
    return out


OURS = {dotted(f) for f in MODULES}


def test_every_module_lies_in_a_room() -> None:
    assert {f.relative_to(ENGINE).parts[0] for f in MODULES} == set(ROOMS)
    assert not list(ENGINE.rglob("__init__.py"))


def test_the_rooms_are_written_down() -> None:
    text = (CHECKS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.split("## The rooms")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\| `([a-z_]+)/` \|", table, re.MULTILINE)) == ROOMS
    page = (CHECKS.parent / "docs" / "rooms.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^## ([a-z_]+)$", page, re.MULTILINE)) == ROOMS


@pytest.mark.parametrize("file", MODULES, ids=dotted)
def test_a_module_imports_its_own_room_and_those_before_it(file: Path) -> None:
    found = imported(file)
    mine = ROOMS.index(room(dotted(file)))
    assert {m for m in found & OURS if ROOMS.index(room(m)) > mine} == AGAINST.get(file.stem, set())
    if room(dotted(file)) != "plugin":
        assert not [m for m in found if m.split(".")[0] == "checkov"]


AGAINST = {
    "terraform_reader": {
        "openai_phi.observing.cloud_ingress",
        "openai_phi.observing.resource_logs",
        "openai_phi.observing.transport_security",
    }
}
"""What still runs against the order."""


def test_no_room_holds_a_circle() -> None:
    edges = {dotted(f): imported(f, types=False) & OURS for f in MODULES}
    done: set[str] = set()

    def follow(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way, name))
        if name not in done:
            for target in sorted(edges[name]):
                follow(target, (*way, name))
            done.add(name)

    for name in edges:
        follow(name, ())


@pytest.mark.parametrize("file", MODULES, ids=dotted)
def test_a_module_says_what_it_is_for_in_its_first_line(file: Path) -> None:
    doc = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    assert doc
    assert doc.splitlines()[0].endswith(".")


def test_no_folder_has_the_name_of_a_module_of_an_earlier_wheel() -> None:
    assert not {d.name for d in FOLDERS} & (ONCE_MODULES | {f.stem for f in MODULES})


def test_no_module_or_folder_at_any_depth_has_the_name_of_another_package() -> None:
    """Checkov puts each folder that it walks before the standard library on the path."""
    taken = set(sys.stdlib_module_names)
    for name, of in metadata.packages_distributions().items():
        if of != ["openai-phi"]:
            taken.add(name)
    stems = [f.stem for f in CHECKS.rglob("*.py")]
    assert not ({*stems, *(d.name for d in FOLDERS)} - {"__init__"}) & taken
    assert len(set(stems)) == len(stems), "two modules share a name"


def test_a_rule_file_publishes_one_rule_of_its_name() -> None:
    for file in CHECKS.glob("[a-z]*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        (rule,) = [n.name for n in tree.body if isinstance(n, ast.ClassDef)]
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in rule).lstrip("_")
        assert snake == file.stem
        assert ast.unparse(tree.body[-1]) == f"publish({rule}())"

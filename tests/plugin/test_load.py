"""What loading our checks does to a process of Checkov's: little, and nothing to anybody else's checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from checkov.common.runners.object_runner import Runner as ObjectRunner
from checkov.gitlab_ci.runner import Runner as GitlabRunner
from checkov.json_doc.runner import Runner as JsonRunner
from checkov.runner_filter import RunnerFilter
from checkov.yaml_doc.runner import Runner as YamlRunner
from scan import CHECKS, checkov

from openai_phi.plugin import bridge
from openai_phi.plugin.checkov_load import NEED_CHECKS, spare_parsing

LIGHT = {
    "openai_phi",
    "openai_phi.finding",
    "openai_phi.finding.rule",
    "openai_phi.plugin",
    "openai_phi.plugin.bridge",
    "openai_phi.plugin.checkov_load",
    "openai_phi.plugin.checkov_runs",
    "openai_phi.words",
    "openai_phi.words.scan_input",
}
LOAD = """
import gc, json, sys
from checkov.kubernetes.checks.resource.registry import registry
import checkov.main
before = set(sys.modules)
registry.load_external_checks(sys.argv[1])
new = sorted(set(sys.modules) - before)
print(json.dumps({"new": new, "frozen": gc.get_freeze_count(), "rules": len(sys.modules["openai_phi.plugin.bridge"].published())}))
"""
THEIRS = """
from checkov.common.models.enums import CheckResult
from checkov.yaml_doc.enums import BlockType
from checkov.yaml_doc.base_yaml_check import BaseYamlCheck

class Colour(BaseYamlCheck):
    def __init__(self):
        super().__init__(
            name="Ensure that the colour is blue", id="CKV_COLOUR", categories=[],
            supported_entities=["colour"], block_type=BlockType.OBJECT,
        )

    def scan_entity_conf(self, conf, entity_type):
        return (CheckResult.PASSED if conf == "blue" else CheckResult.FAILED), conf

check = Colour()
"""


def test_a_process_loads_the_rules_and_nothing_of_the_engine() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(CHECKS)],
        env={**os.environ, "LOG_LEVEL": "CRITICAL"},
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    rules = {f.stem for f in CHECKS.glob("*.py")} - {"__init__"}
    engine = LIGHT
    assert {m for m in said["new"] if m.partition(".")[0] == "openai_phi"} == engine
    assert rules <= set(said["new"])
    assert said["rules"] == len(rules)
    assert said["frozen"] > 100_000  # what Checkov made is out of the collector's way


@pytest.mark.parametrize("runner", [YamlRunner, JsonRunner])
def test_a_runner_parses_files_by_one_method_and_keeps_its_checks_in_a_registry(
    runner: type[ObjectRunner],
) -> None:
    assert runner.check_type in NEED_CHECKS
    assert runner().require_external_checks()
    assert "_load_files" in vars(ObjectRunner)
    registry = runner().import_registry()
    assert not any([*registry.checks.values(), *registry.wildcard_checks.values()])


@pytest.mark.parametrize("file", ["a.yaml", "a.json"])
def test_nothing_is_parsed_for_checks_that_are_not_there(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text('{"colour": "red"}\n')
    runner = (YamlRunner if file.endswith("yaml") else JsonRunner)()
    runner.run(str(tmp_path), [str(CHECKS)], runner_filter=RunnerFilter())
    assert runner.definitions == {}


def test_somebody_elses_check_sees_every_file(tmp_path: Path) -> None:
    infra, theirs = tmp_path / "infra", tmp_path / "theirs"
    infra.mkdir()
    theirs.mkdir()
    (infra / "a.yaml").write_text("colour: red\n")
    (infra / "b.yml").write_text("colour: blue\n")
    (theirs / "__init__.py").write_text("")
    (theirs / "colour.py").write_text(THEIRS)
    for order in ([theirs, CHECKS], [CHECKS, theirs]):
        folders = [a for f in order for a in ("--external-checks-dir", str(f))]
        done = subprocess.run(
            [checkov(), "-d", str(infra), *folders, "--framework", "yaml", "-o", "json"],
            env={**os.environ, "LOG_LEVEL": "CRITICAL"},
            capture_output=True,
            text=True,
            check=False,
        )
        results = json.loads(done.stdout)["results"]
        assert [(c["check_id"], c["file_path"]) for c in results["failed_checks"]] == [
            ("CKV_COLOUR", "/a.yaml")
        ]
        assert [c["file_path"] for c in results["passed_checks"]] == ["/b.yml"]
        assert done.returncode == 1


class Unknown:
    """A runner of another Checkov: what it would parse is parsed."""

    graph_registry: Any = None

    def __init__(self, registry: Any) -> None:
        self.registry = registry
        self.parsed = 0

    def import_registry(self) -> Any:
        return self.registry

    def _load_files(self, files: list[str]) -> None:
        self.parsed += len(files)


@pytest.mark.parametrize(
    ("registry", "graph", "parsed"),
    [
        (SimpleNamespace(checks={}, wildcard_checks={"*": []}), None, 0),
        (SimpleNamespace(checks={"a": ["check"]}, wildcard_checks={}), None, 1),
        (SimpleNamespace(checks={}, wildcard_checks={"*": ["check"]}), None, 1),
        (SimpleNamespace(checks={}, wildcard_checks={}), object(), 1),
        (SimpleNamespace(), None, 1),
    ],
)
def test_parsing_is_spared_only_where_no_check_is_known(
    registry: Any, graph: Any, parsed: int
) -> None:
    cls = type("Fresh", (Unknown,), {})
    spare_parsing(cls)
    spare_parsing(cls)
    runner = cls(registry)
    runner.graph_registry = graph
    runner._load_files(["a"])
    assert runner.parsed == parsed


def test_a_runner_that_we_do_not_read_for_reads_nothing_where_runners_share_a_process(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.yaml").write_text("stages: [test]\ntest: {script: [make]}\n")
    bridge.collected = []
    try:
        YamlRunner().run(str(tmp_path), [str(CHECKS)], runner_filter=RunnerFilter())
        assert len(bridge.collected) == 1
        GitlabRunner().run(str(tmp_path), [str(CHECKS)], runner_filter=RunnerFilter())
        assert len(bridge.collected) == 1
    finally:
        bridge.collected = None

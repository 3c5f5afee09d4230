"""What we rely on in Checkov's insides, one test each; a failure says what changed upstream."""

from __future__ import annotations

import inspect
import json
import os
from pathlib import Path
from typing import Any

import pytest
from checkov.common.bridgecrew.severities import Severities
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck
from checkov.common.output.record import Record
from checkov.common.output.report import Report
from checkov.common.runners.base_runner import BaseRunner, filter_ignored_paths
from checkov.helm.runner import K8sHelmRunner
from checkov.helm.runner import Runner as HelmRunner
from checkov.kubernetes.runner import Runner as KubernetesRunner
from checkov.kustomize.runner import K8sKustomizeRunner
from checkov.kustomize.runner import Runner as KustomizeRunner
from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner as TerraformRunner
from checkov.yaml_doc.runner import Runner as YamlRunner
from scan import CHECKS

from inprocess import write
from openai_phi.plugin import checkov_runs
from openai_phi.plugin.checkov_runs import run_of_graph, vertices

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: x}]}\n"
DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n"
    "    metadata: {labels: {phi: 'true'}}\n    spec: {containers: [{name: c, image: x}]}\n"
)


def ran(runner: Any, folder: Path) -> tuple[checkov_runs.Run, list[dict[str, Any]]]:
    runner.run(str(folder), [str(CHECKS)], runner_filter=RunnerFilter(checks=["OAI_*"]))
    graphs = [g for g, _ in getattr(runner, "all_graphs", None) or []]
    graph = graphs[0] if graphs else runner.graph_manager.get_reader_endpoint()
    run = run_of_graph(graph)
    assert run is not None, "the runner's graph is no longer all_graphs or graph_manager's"
    return run, vertices(graph)


@pytest.mark.parametrize("name", ["terraform", "kubernetes"])
def test_a_graph_registry_keeps_its_checks_in_a_list(name: str) -> None:
    assert isinstance(get_graph_checks_registry(name).checks, list)


def test_a_graph_check_is_asked_by_run_of_one_graph() -> None:
    assert list(inspect.signature(BaseGraphCheck.run).parameters) == ["self", "graph_connector"]


@pytest.mark.parametrize(
    "runner", [TerraformRunner, KubernetesRunner, K8sHelmRunner, K8sKustomizeRunner]
)
def test_a_runner_reports_graph_results_by_one_method(runner: type) -> None:
    parameters = list(inspect.signature(runner.get_graph_checks_report).parameters)  # type: ignore[attr-defined]
    assert parameters[:3] == ["self", "root_folder", "runner_filter"]


@pytest.mark.parametrize("runner", [TerraformRunner, KubernetesRunner, YamlRunner])
def test_a_runner_loads_checks_inside_run_with_these_names(
    runner: type[BaseRunner[Any, Any, Any]],
) -> None:
    code = runner.run.__code__
    assert {"self", "root_folder", "files", "runner_filter"} <= set(code.co_varnames)
    assert code.co_name == "run"


def test_the_yaml_runner_fills_its_report_by_one_method() -> None:
    parameters = inspect.signature(YamlRunner.add_python_check_results).parameters
    assert list(parameters) == ["self", "report", "registry", "runner_filter", "root_folder"]


def test_the_root_folder_is_found_up_the_stack(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=POD)
    run, _ = ran(KubernetesRunner(), tmp_path)
    assert (run.framework, run.root, run.graph_root) == ("kubernetes", str(tmp_path), str(tmp_path))


def test_every_record_enters_a_report_by_one_method() -> None:
    assert list(inspect.signature(Report.add_record).parameters) == ["self", "record"]


def test_a_record_takes_details_and_severity_and_shows_them_in_json() -> None:
    parameters = inspect.signature(Record).parameters
    assert {"details", "severity", "file_abs_path", "code_block"} <= set(parameters)
    assert {s.name for s in Severities.values()} >= {"LOW", "MEDIUM", "HIGH", "CRITICAL"}


def test_the_filter_says_whether_a_check_runs() -> None:
    only = RunnerFilter(checks=["OAI_X"])
    assert only.should_run_check(check_id="OAI_X", severity=Severities["LOW"], report_type="helm")
    assert not only.should_run_check(check_id="OAI_Y", severity=Severities["LOW"])
    assert RunnerFilter(framework=["helm"]).framework == ["helm"]


def test_kubernetes_vertices(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=DEPLOYMENT)
    _, nodes = ran(KubernetesRunner(), tmp_path)
    by_id = {n["id_"]: n for n in nodes}
    deployment = by_id["Deployment.default.d"]
    assert os.path.basename(deployment["file_path_"]) == "a.yaml"
    config = deployment["config_"]
    assert (config["kind"], config["__startline__"]) == ("Deployment", 1)
    pods = [n for n in nodes if n["config_"].get("_parent_resource_id")]
    assert [p["config_"]["_parent_resource_id"] for p in pods] == ["Deployment.default.d"], (
        "pod templates are no longer cut out with _parent_resource_id"
    )


def test_terraform_vertices_and_module_calls(tmp_path: Path) -> None:
    write(
        tmp_path,
        live__main_tf='module "m" {\n  source = "../module"\n}\nprovider "aws" {}\n',
        module__main_tf='resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n',
    )
    _, nodes = ran(TerraformRunner(), tmp_path)
    queue = next(
        n for n in nodes if n["block_name_"] == "aws_sqs_queue.q" and n.get("source_module_object_")
    )
    assert queue["__address__"] == "module.m.aws_sqs_queue.q"
    assert {"block_type_", "file_path_", "config_"} <= set(queue)
    config = queue["config_"]["aws_sqs_queue"]["q"]
    assert (config["__start_line__"], config["__end_line__"]) == (1, 3)
    call = json.loads(str(queue["source_module_object_"]))
    assert (os.path.basename(os.path.dirname(call["path"])), call["name"]) == ("live", "m")
    assert {n["block_type_"] for n in nodes} >= {"resource", "module", "provider"}


def test_graphs_of_either_library_give_the_same_vertices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, a_yaml=DEPLOYMENT)
    seen = []
    for library in ("RUSTWORKX", "NETWORKX"):
        monkeypatch.setenv("CHECKOV_GRAPH_FRAMEWORK", library)
        _, nodes = ran(KubernetesRunner(), tmp_path)
        seen.append(sorted(n["id_"] for n in nodes))
    assert seen[0] == seen[1]
    assert len(seen[0]) == 2


def test_what_checkov_leaves_out_is_decided_by_one_function(tmp_path: Path) -> None:
    folders, names = ["node_modules", ".hidden", "src"], ["a.yaml"]
    filter_ignored_paths(str(tmp_path), folders, [])
    filter_ignored_paths(str(tmp_path), names, [])
    assert (folders, names) == (["src"], ["a.yaml"])


@pytest.mark.parametrize("runner", [HelmRunner, KustomizeRunner])
def test_a_renderer_says_whether_its_tool_is_there(
    runner: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert runner().check_system_deps() == runner.check_type


def test_kustomize_notes_which_kustomization_a_built_file_belongs_to() -> None:
    runner = KustomizeRunner()
    assert set(runner.get_kustomize_metadata()) == {"kustomizeMetadata", "kustomizeFileMappings"}
    assert hasattr(K8sKustomizeRunner(), "report_mutator_data")
    assert "original_root_dir" in vars(K8sKustomizeRunner()) or hasattr(
        K8sKustomizeRunner, "original_root_dir"
    )
    assert hasattr(K8sHelmRunner(), "original_root_dir")


def test_checks_are_loaded_as_modules_of_their_bare_name_and_yaml_as_policies() -> None:
    """So no module may shadow another package's, and no data may lie below checks/."""
    from checkov.common.checks.base_check_registry import BaseCheckRegistry
    from checkov.common.checks_infra import registry

    source = inspect.getsource(inspect.getmodule(BaseCheckRegistry))  # type: ignore[arg-type]
    assert "__init__.py" in source
    assert "sys.path" in source
    assert ".yaml" in inspect.getsource(registry)


def test_the_terraform_runner_drops_records_that_name_themselves_equally() -> None:
    from checkov.common.output import report

    assert "get_unique_string" in inspect.getsource(report.remove_duplicate_results)
    assert list(inspect.signature(Record.get_unique_string).parameters) == ["self"]

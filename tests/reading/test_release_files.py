"""Helmfiles and Skaffold: releases of charts that lie elsewhere, with the values that they are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from handmade import around
from inprocess import write
from openai_phi.gathering.graph_scan import read_files
from openai_phi.verdicts.analysis import Analysis, analyse
from openai_phi.words.scan_input import FilesInput

VALUES = "podLabels: {data-classification: phi}\nenv: {OPENAI_API_KEY: ref+vault://x}\n"
INLINE = "{podLabels: {data-classification: phi}, env: {OPENAI_API_KEY: ref+vault://x}}"


def _analysis(folder: Path) -> Analysis:
    files = tuple(sorted(str(f) for f in folder.rglob("*") if f.is_file()))
    return analyse(read_files(FilesInput("yaml", str(folder), files), around()))


def _phi(folder: Path) -> set[str]:
    found = _analysis(folder).estate.workloads
    return {w.id for w in found if w.uses and w.phi.value == "phi"}


RELEASES = {
    "helmfile.yaml": f"releases:\n- {{name: a, chart: stable/app, values: [{INLINE}]}}\n",
    "helmfile.d.yaml": "releases:\n- {name: a, chart: stable/app, values: [cfg/app.yaml]}\n",
    "helmfile-set.yaml": "releases:\n- name: a\n  chart: stable/app\n  values: [labels.yaml]\n"
    "  set: [{name: env.OPENAI_API_KEY, value: ref+vault://x}]\n",
    "skaffold.yaml": "kind: Config\nmanifests:\n  helm:\n    releases:\n"
    "    - {name: a, remoteChart: stable/app, valuesFiles: [cfg/app.yaml]}\n",
}


@pytest.mark.parametrize("name", RELEASES)
def test_values_of_a_release_are_of_one_workload(tmp_path: Path, name: str) -> None:
    write(
        tmp_path,
        cfg__app_yaml=VALUES,
        labels_yaml="podLabels: {data-classification: phi}\n",
    )
    (tmp_path / name).write_text(RELEASES[name])
    assert _phi(tmp_path) == {"releases.a"}


def test_what_a_file_gives_stands_in_that_file_and_is_no_use_by_itself(tmp_path: Path) -> None:
    write(tmp_path, values__app_yaml=VALUES)
    (tmp_path / "helmfile.yaml").write_text(
        "releases:\n- {name: a, chart: stable/app, values: [values/app.yaml]}\n"
    )
    found = _analysis(tmp_path).estate
    (workload,) = found.workloads
    assert {(e.place.file, e.place.line) for u in workload.uses for e in u.evidence} == {
        ("values/app.yaml", 2)
    }
    assert found.orphans == ()


def test_values_of_two_releases_are_not_joined(tmp_path: Path) -> None:
    (tmp_path / "helmfile.yaml").write_text(
        "releases:\n- {name: a, chart: x/a, values: [{podLabels: {data-classification: phi}}]}\n"
        "- {name: b, chart: x/b, values: [{env: {OPENAI_API_KEY: ref+vault://x}}]}\n"
    )
    assert _phi(tmp_path) == set()

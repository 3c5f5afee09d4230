"""The stand-in for a `helm` that is not installed: what it answers, and what it writes of failures."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from openai_phi.reading.charts.helm_renderer import (
    documents,
    failures,
    main,
    merge,
    missing_dependencies,
    template,
    temporary_folder,
)
from openai_phi.words.scan_input import JOURNAL_VARIABLE

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
    "values.yaml": "a: {b: 1, c: 2}\n",
    "templates/x.yaml": "v: {{ .Values.a.b }}-{{ .Values.a.c }}\n---\n# only a comment\n",
}


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    for name, text in CHART.items():
        (tmp_path / "c" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "c" / name).write_text(text)
    return tmp_path / "c"


def test_documents_are_split_sorted_and_never_empty() -> None:
    rendered = {"c/templates/b.yaml": "---\nb: 1\n---\n\n", "c/templates/a.yaml": "# no\n"}
    assert list(documents(rendered)) == [("c/templates/b.yaml", "b: 1")]


def test_values_of_a_later_file_are_laid_over(
    chart: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (chart / "prod.yaml").write_text("a: {c: 9}\n")
    assert main(["template", str(chart), "--values", str(chart / "prod.yaml")]) == 0
    assert capsys.readouterr().out == "---\n# Source: c/templates/x.yaml\nv: 1-9\n"
    assert merge({"a": {"b": 1}, "l": [1]}, {"a": {"c": 2}, "l": [2]}) == {
        "a": {"b": 1, "c": 2},
        "l": [2],
    }


def test_a_failure_is_helms_failure_and_noted(
    chart: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (chart / "templates" / "y.yaml").write_text('{{ required "give a name" .Values.name }}\n')
    journal = chart.parent / "journal"
    assert main(["template", str(chart)], str(journal)) == 1
    out = capsys.readouterr()
    assert out.out == ""
    assert "give a name" in out.err
    assert "give a name" in failures(str(journal))[str(chart)]
    assert failures(None) == {}


def test_the_stand_in_is_an_executable_of_that_name(tmp_path: Path) -> None:
    """It takes the file to note failures in from its environment, since Checkov starts it."""
    (tmp_path / "Chart.yaml").write_text("name: c\ndependencies: [{name: common}]\n")
    journal = str(tmp_path / "journal")
    with temporary_folder() as folder:

        def answer(*args: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [os.path.join(folder, "helm"), *args],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, JOURNAL_VARIABLE: journal},
            )

        version, broken = answer("version"), answer("template", str(tmp_path))
    assert 'Version:"v3.' in version.stdout
    assert (version.stderr, broken.returncode) == ("", 1)
    assert str(tmp_path) in failures(journal)


def test_anything_else_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "x"]) == 1
    assert "is not answered here" in capsys.readouterr().err


def test_a_chart_without_its_dependency_does_not_render_as_with_helm(tmp_path: Path) -> None:
    chart = tmp_path / "app"
    (chart / "charts").mkdir(parents=True)
    (chart / "Chart.yaml").write_text(
        "apiVersion: v2\nname: app\nversion: 0.1.0\n"
        "dependencies: [{name: common, version: 2.x.x, repository: https://charts.example.org}]\n"
    )
    assert missing_dependencies(str(chart)) == ["common"]
    with pytest.raises(ValueError, match="missing in charts/ directory: common"):
        template(str(chart))
    (chart / "charts" / "common-2.1.0.tgz").write_bytes(b"")
    assert missing_dependencies(str(chart)) == []
    (chart / "charts" / "common-2.1.0.tgz").rename(chart / "charts" / "commons-2.1.0.tgz")
    assert missing_dependencies(str(chart)) == ["common"]

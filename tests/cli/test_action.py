"""The GitHub Action: its own shell steps run as a runner runs them; nothing for zizmor to find."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from scan import ROOT

from command import DAY

RULES = ROOT / "tests" / "rules"
GOOD = RULES / "phi_reaches_uncovered_endpoint" / "good"
BAD = RULES / "phi_reaches_uncovered_endpoint" / "bad"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {s["name"]: s for s in ACTION["runs"]["steps"]}
WORKFLOW = ROOT / "docs" / "examples" / "openai-phi.yml"


@dataclass(frozen=True)
class Done:
    """What a run of the action left."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    """The runner's temporary folder, with the environment that the step before makes."""
    venv = tmp_path / "temp" / "openai-phi-venv" / "bin"
    venv.mkdir(parents=True)
    for name in ("python", "openai-phi"):
        target = Path(sys.executable).parent / name
        (venv / name).write_text(f'#!/bin/sh\nexec "{target}" "$@"\n')
        (venv / name).chmod(0o755)
    return tmp_path / "temp"


def act(temp: Path, workspace: Path, **inputs: str) -> Done:
    """Runs the steps `Scan` and `Decide` in a workspace, each as `bash -e` on its script."""
    values = {n: str(i["default"]) for n, i in ACTION["inputs"].items()} | {
        n.replace("_", "-"): v for n, v in inputs.items()
    }
    files = {n: temp / n for n in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    env = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(temp),
        "GITHUB_WORKSPACE": str(workspace),
        "OPENAI_PHI_TODAY": DAY,
        **{n: str(f) for n, f in files.items()},
    }
    scan = _step("Scan", workspace, env, values, {})
    assert scan.returncode == 0, scan.stdout + scan.stderr
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    decide = _step("Decide", workspace, env, values, outputs)
    return Done(decide.returncode, scan.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text())


def _step(
    name: str, workspace: Path, env: dict[str, str], inputs: dict[str, str], outputs: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    step = STEPS[name]
    given = {}
    for key, value in step["env"].items():
        kind, _, wanted = value.removeprefix("${{ ").removesuffix(" }}").rpartition(".")
        given[key] = inputs[wanted] if kind == "inputs" else outputs.get(wanted, "")
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    return subprocess.run(
        command, cwd=workspace, env={**env, **given}, capture_output=True, text=True, check=False
    )


def workspace(tmp_path: Path, source: Path, name: str = "infra") -> Path:
    folder = tmp_path / "work"
    shutil.copytree(source, folder / name)
    return folder


def test_clean(temp: Path, tmp_path: Path) -> None:
    done = act(temp, workspace(tmp_path, GOOD), directory="infra")
    assert done.status == 0
    assert done.outputs["verdict"] == "clean"
    assert (done.outputs["findings"], done.outputs["unread"]) == ("0", "0")
    assert Path(done.outputs["sarif"]).is_file()
    assert "::error" not in done.log


def test_findings(temp: Path, tmp_path: Path) -> None:
    done = act(temp, workspace(tmp_path, BAD), directory="infra", formats="csv,junit,json")
    assert done.status == 1
    assert (done.outputs["verdict"], done.outputs["not-covered"]) == ("findings", "1")
    assert "::error title=OAI_COVERAGE_1,file=infra/notes.yaml,line=" in done.log
    assert "OAI_COVERAGE_1" in done.summary
    names = {f.name for f in Path(done.outputs["reports"]).iterdir()}
    assert {"openai-phi.csv", "openai-phi.junit.xml", "openai-phi.sarif", "openai-phi.md"} <= names


def test_a_baseline_and_a_fail_level(temp: Path, tmp_path: Path) -> None:
    folder = workspace(tmp_path, RULES / "data_not_classified" / "bad")
    assert act(temp, folder, directory="infra").status == 1
    assert act(temp, folder, directory="infra", fail_level="high").status == 0
    known = folder / "known.json"
    command = [str(temp / "openai-phi-venv" / "bin" / "openai-phi"), "scan", "infra"]
    env = {**os.environ, "OPENAI_PHI_TODAY": DAY}
    subprocess.run([*command, "--write-baseline", str(known)], cwd=folder, env=env, check=True)
    assert act(temp, folder, directory="infra", baseline="known.json").status == 0


def test_could_not_look(temp: Path, tmp_path: Path) -> None:
    folder = workspace(tmp_path, GOOD)
    (folder / "infra" / "b.yaml").write_text("apiVersion: v1\nkind: Pod\nx: [OPENAI_API_KEY\n")
    done = act(temp, folder, directory="infra")
    assert done.status == 2
    assert (done.outputs["verdict"], done.outputs["unread"]) == ("incomplete", "1")
    assert "::error title=Could not look at::b.yaml: is not valid YAML" in done.log
    assert act(temp, folder, directory="infra", allow_unread="a.yaml\nb.yaml\n").status == 0


def test_a_scan_that_breaks(temp: Path, tmp_path: Path) -> None:
    tool = temp / "openai-phi-venv" / "bin" / "openai-phi"
    tool.write_text("#!/bin/sh\nexit 2\n")
    done = act(temp, workspace(tmp_path, GOOD), directory="infra")
    assert done.status == 2
    assert done.outputs["verdict"] == "incomplete"
    assert "findings" not in done.outputs
    assert "openai-phi exited with 2" in done.summary


def test_wrong_usage(temp: Path, tmp_path: Path) -> None:
    folder = workspace(tmp_path, GOOD)
    done = act(temp, folder, directory="nowhere")
    assert (done.status, done.outputs["verdict"]) == (64, "usage")
    assert act(temp, folder, directory="infra", formats="pdf").status == 64


@pytest.mark.parametrize(
    "name",
    [
        "$(touch hit)",
        "`touch hit`",
        '"; touch hit; "',
        "--policy",
        "a\n::error::owned",
        "a%0A::set-output name=x::y",
        "sp ace",
    ],
)
def test_a_hostile_directory(temp: Path, tmp_path: Path, name: str) -> None:
    folder = workspace(tmp_path, BAD, name)
    done = act(temp, folder, directory=name)
    assert done.status == 1
    assert not list(folder.rglob("hit")) and not list(temp.rglob("hit"))  # noqa: PT018
    commands = _commands(done.log)
    assert commands
    assert all(c.startswith("::error title=OAI_COVERAGE_1,file=") for c in commands)


def test_hostile_names_in_manifests(temp: Path, tmp_path: Path) -> None:
    folder = workspace(tmp_path, BAD)
    file = folder / "infra" / "notes.yaml"
    text = file.read_text()
    file.write_text(text.replace("name: notes", 'name: "::warning::x\\n::add-mask::y"', 1))
    done = act(temp, folder, directory="infra")
    assert done.status in (1, 2)
    assert all(c.startswith("::error title=") for c in _commands(done.log))


def _commands(log: str) -> list[str]:
    """The commands that a runner would obey."""
    out, paused = [], ""
    for line in log.splitlines():
        text = line.strip()
        if paused:
            paused = "" if text == f"::{paused}::" else paused
        elif text.startswith("::stop-commands::"):
            paused = text.removeprefix("::stop-commands::")
        elif text.startswith("::"):
            out.append(text)
    return out


def test_inputs_reach_the_shell_through_the_environment() -> None:
    for name, step in STEPS.items():
        assert "${{" not in step.get("run", ""), name


def test_actions_are_pinned_by_hash() -> None:
    used = re.findall(r"uses: (\S+)", (ROOT / "action.yml").read_text() + WORKFLOW.read_text())
    assert len(used) == 4
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", u) for u in used)


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sys.executable).parent / "zizmor"
    files = [str(ROOT / "action.yml"), str(WORKFLOW)]
    done = subprocess.run(
        [str(zizmor), "--offline", "--persona", "auditor", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings to report" in done.stdout

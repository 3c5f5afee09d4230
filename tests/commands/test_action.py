"""The GitHub Action: its own shell steps run as a runner runs them; nothing for zizmor to find."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
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
INSTALL, UPLOAD = "Install openai-phi", "github/codeql-action/upload-sarif"
WORKFLOW = ROOT / "docs" / "examples" / "openai-phi.yml"


@dataclass(frozen=True)
class Done:
    """What a run of the action left: `used` are the inputs of the actions that it starts itself."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str
    used: dict[str, dict[str, str]]


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    """The runner's temporary folder, with an environment in place of the one that `Install` makes."""
    venv = tmp_path / "temp" / "openai-phi-venv" / "bin"
    venv.mkdir(parents=True)
    for name in ("python", "openai-phi"):
        target = Path(sys.executable).parent / name
        (venv / name).write_text(f'#!/bin/sh\nexec "{target}" "$@"\n')
        (venv / name).chmod(0o755)
    return tmp_path / "temp"


def act(
    temp: Path,
    workspace: Path,
    *,
    install: dict[str, str] | None = None,
    runner: Mapping[str, str] = MappingProxyType({}),
    event: Mapping[str, str] = MappingProxyType({}),
    **inputs: str,
) -> Done:
    """Runs the steps in a workspace as a runner does; `Install` only with the variables for it."""
    defaults = {n: str(i["default"]) for n, i in ACTION["inputs"].items()}
    known = {f"inputs.{n}": v for n, v in _filled(defaults, event).items()}
    known |= {f"inputs.{n.replace('_', '-')}": v for n, v in inputs.items()}
    known["github.action_path"] = str(ROOT)
    log, status = "", 0
    failed: list[str] = []
    summary = temp / "summary"
    summary.write_text("")
    used: dict[str, dict[str, str]] = {}
    for step in ACTION["runs"]["steps"]:
        if not _holds(step.get("if", "success()"), known, bool(failed)):
            continue
        if "uses" in step:
            used[step["uses"].partition("@")[0]] = _filled(step["with"], known)
        elif install is not None or step["name"] != INSTALL:
            more = {**(install or {}), **runner}
            done, outputs = _step(step, temp, workspace, known, more, summary)
            log += done.stdout + done.stderr
            status = status or done.returncode
            failed += [step["name"]] if done.returncode else []
            known |= {f"steps.{step.get('id')}.outputs.{n}": v for n, v in outputs.items()}
    assert failed in ([], ["Decide"]), log
    outputs = {n: _filled(o, known)["value"] for n, o in ACTION["outputs"].items()}
    return Done(status, log, outputs, summary.read_text(), used)


def _filled(values: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Values with their expressions filled in; one that is not set is empty."""
    expression = re.compile(r"\$\{\{ ([^}]+) \}\}")

    def value(found: re.Match[str]) -> str:
        terms = found[1].split(" || ")
        return next(filter(None, (t[1:-1] if t[0] == "'" else known.get(t, "") for t in terms)), "")

    return {k: expression.sub(value, v) for k, v in values.items()}


def _holds(condition: str, known: dict[str, str], failed: bool) -> bool:
    """Whether a step runs: its condition is terms joined by `&&`, in a job that nobody cancels."""
    for term in condition.removeprefix("${{ ").removesuffix(" }}").split(" && "):
        if term == "success()":
            held = not failed
        elif term == "!cancelled()":
            held = True
        else:
            name, sign, value = re.fullmatch(r"([\w.-]+) (==|!=) '(.*)'", term).groups()  # type: ignore[union-attr]
            held = (known.get(name, "") == value) is (sign == "==")
        if not held:
            return False
    return True


def _step(
    step: dict[str, Any],
    temp: Path,
    workspace: Path,
    known: dict[str, str],
    more: dict[str, str],
    summary: Path,
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """One `run:` step, and its outputs; no step changes the environment of those that follow."""
    files = {n: temp / n for n in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")}
    for file in files.values():
        file.write_text("")
    env = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(temp),
        "RUNNER_TEMP": str(temp),
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(summary),
        "OPENAI_PHI_TODAY": DAY,
        **{n: str(f) for n, f in files.items()},
        **more,
        **_filled(step.get("env", {}), known),
    }
    assert step["shell"] == "bash"
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    done = subprocess.run(
        command, cwd=workspace, env=env, capture_output=True, text=True, check=False
    )
    assert files["GITHUB_ENV"].read_text() == files["GITHUB_PATH"].read_text() == ""
    lines = files["GITHUB_OUTPUT"].read_text().splitlines()
    return done, dict(line.split("=", 1) for line in lines)


def workspace(tmp_path: Path, source: Path, name: str = "infra") -> Path:
    folder = tmp_path / "work"
    shutil.copytree(source, folder / name)
    return folder


def test_clean(temp: Path, tmp_path: Path) -> None:
    done = act(temp, workspace(tmp_path, GOOD), directory="infra")
    assert done.status == 0
    assert done.outputs["verdict"] == "clean"
    assert (done.outputs["findings"], done.outputs["unread"]) == ("0", "0")
    assert "::error" not in done.log
    uploaded = Path(done.used[UPLOAD]["sarif_file"])
    assert json.loads(uploaded.read_text())["runs"][0]["results"] == []
    assert done.used["actions/setup-python"] == {"python-version": "3.12"}


def test_findings(temp: Path, tmp_path: Path) -> None:
    done = act(temp, workspace(tmp_path, BAD), directory="infra", formats="csv,junit,json")
    assert done.status == 1
    assert (done.outputs["verdict"], done.outputs["not-covered"]) == ("findings", "1")
    assert "::error title=OAI_COVERAGE_1,file=infra/notes.yaml,line=" in done.log
    assert "OAI_COVERAGE_1" in done.summary
    names = {f.name for f in Path(done.outputs["reports"]).iterdir()}
    assert {"openai-phi.csv", "openai-phi.junit.xml", "openai-phi.sarif", "openai-phi.md"} <= names


def test_what_fails_is_uploaded_unless_nobody_wants_it(temp: Path, tmp_path: Path) -> None:
    folder = workspace(tmp_path, BAD)
    done = act(temp, folder, directory="infra")
    log = json.loads(Path(done.used[UPLOAD]["sarif_file"]).read_text())
    assert [r["ruleId"] for r in log["runs"][0]["results"]] == ["OAI_COVERAGE_1"]
    assert done.used[UPLOAD]["category"] == "openai-phi"
    quiet = act(temp, folder, directory="infra", upload_sarif="false")
    assert (quiet.status, UPLOAD in quiet.used) == (1, False)


def test_it_installs_itself_and_judges_the_sample(tmp_path: Path) -> None:
    """Every step, on the sample. What openai-phi depends on comes from here, without a network."""
    temp = tmp_path / "temp"
    temp.mkdir()
    here = {
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say that it is off
        "PYTHONPATH": sysconfig.get_path("purelib"),
    }
    _judges_the_sample(temp, workspace(tmp_path, ROOT / "sample_infra"), here)
    assert list(temp.glob("openai-phi-venv/lib/python*/site-packages/openai_phi/commands/cli.py"))


@pytest.mark.skipif(
    not os.environ.get("OPENAI_PHI_TEST_INSTALL"),
    reason="downloads all that it depends on; set OPENAI_PHI_TEST_INSTALL=1",
)
def test_it_installs_all_that_it_depends_on(tmp_path: Path) -> None:
    temp = tmp_path / "temp"
    temp.mkdir()
    proxies = {n: v for n, v in os.environ.items() if n.lower().endswith("_proxy") or "PIP_" in n}
    folder = workspace(tmp_path, ROOT / "sample_infra")
    done = _judges_the_sample(temp, folder, proxies, formats="html,oscal")
    assert (Path(done.outputs["reports"]) / "openai-phi.oscal.json").is_file()
    python = str(temp / "openai-phi-venv" / "bin" / "python")
    frozen = subprocess.run(
        [python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True
    )
    version = f'"{sys.version_info[0]}.{sys.version_info[1]}"'
    lines = [x.partition("; ") for x in (ROOT / "constraints.txt").read_text().splitlines()]
    pinned = {pin for pin, _, marker in lines if not marker or version in marker}
    strange = {x for x in frozen.stdout.splitlines() if not x.startswith("openai-phi ")} - pinned
    assert strange == set()


def _judges_the_sample(temp: Path, folder: Path, install: dict[str, str], **inputs: str) -> Done:
    nothing: dict[str, str] = {}
    done = act(
        temp, folder, install=install, runner=nothing, event=nothing, directory="infra", **inputs
    )
    assert done.status == 1, done.log
    outputs = {n: v for n, v in done.outputs.items() if n != "reports"}
    assert outputs == {
        "verdict": "findings", "findings": "4", "not-covered": "3", "unproven": "1", "unread": "0",
    }  # fmt: skip
    assert "7 PHI workloads, 7 uses: 3 not covered" in done.summary
    log = json.loads(Path(done.used[UPLOAD]["sarif_file"]).read_text())
    assert len(log["runs"][0]["results"]) == 4
    assert (Path(done.outputs["reports"]) / "openai-phi-evidence.json").is_file()
    return done


def test_a_baseline_and_a_fail_level(temp: Path, tmp_path: Path) -> None:
    folder = workspace(tmp_path, RULES / "data_not_classified" / "bad")
    assert act(temp, folder, directory="infra").status == 0
    assert act(temp, folder, directory="infra", fail_level="low").status == 1
    known = folder / "known.json"
    command = [str(temp / "openai-phi-venv" / "bin" / "openai-phi"), "scan", "infra"]
    env = {**os.environ, "OPENAI_PHI_TODAY": DAY}
    subprocess.run([*command, "--write-baseline", str(known)], cwd=folder, env=env, check=True)
    assert act(temp, folder, directory="infra", fail_level="low", baseline="known.json").status == 0


BASE = "github.event.pull_request.base.sha"


PLAN = (
    "exceptions:\n  - {rule: OAI_COVERAGE_1, resource: Deployment.clinic.notes, kind: accepted, reason: moving, "
    "owner: team, ticket: T-1, approved_by: compliance@clinic.example, approved_on: 2026-11-15, "
    "expires_on: 2026-12-10}\n"
)


def proposed(tmp_path: Path) -> tuple[Path, str]:
    """A shallow checkout of a change that excuses what it finds, and the commit that it starts from."""
    origin = workspace(tmp_path, BAD) / "infra"

    def git(*args: str, at: Path = origin) -> str:
        who = (
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@clinic.example",
            "-c",
            "commit.gpgsign=false",
        )
        command = ["git", "-C", str(at), *who, *args]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit() -> str:
        git("add", "--all")
        git("commit", "--quiet", "-m", "x")
        return git("rev-parse", "HEAD")

    git("init", "--quiet")
    with (origin / "openai-policy.yaml").open("a") as policy:
        policy.write("limits: {approvers: [compliance@clinic.example]}\n")
    base = commit()
    with (origin / "openai-compliance.yaml").open("a") as compliance:
        compliance.write(PLAN)
    (origin / "other.yaml").write_text("a: 1\n")
    commit()
    shallow = tmp_path / "shallow" / "infra"
    git("clone", "--quiet", "--depth=1", f"file://{origin}", str(shallow), at=tmp_path)
    return tmp_path / "shallow", base


@pytest.mark.parametrize(
    ("proposes", "there", "verdict"),
    [(True, "infra", "findings"), (False, "infra", "clean"), (True, "elsewhere", "incomplete")],
)
def test_a_pull_request_is_judged_beside_what_it_starts_from(
    temp: Path, tmp_path: Path, proposes: bool, there: str, verdict: str
) -> None:
    """What a change says of its own judge waits; the commit is fetched into a shallow checkout."""
    folder, base = proposed(tmp_path)
    runner = {"GITHUB_SERVER_URL": f"file://{tmp_path / 'work'}", "GITHUB_REPOSITORY": there}
    event = {"github.event.pull_request.base.sha": base if proposes else "", "github.token": "t"}
    done = act(temp, folder, directory="infra", runner=runner, event=event)
    assert done.outputs["verdict"] == verdict
    if verdict == "incomplete":
        assert "the revision to trust cannot be had" in done.log
    elif proposes:
        assert re.search(r"CHANGE    since [0-9a-f]{40}: 0 new, 0 worse, 0 mended", done.log)
        again = act(temp, folder, directory="infra", runner=runner, event=event, fail_on="new")
        assert again.outputs["verdict"] == "clean"


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
    assert done.outputs["findings"] == ""
    assert UPLOAD not in done.used
    assert "openai-phi exited with 2" in done.summary


def test_wrong_usage(temp: Path, tmp_path: Path) -> None:
    folder = workspace(tmp_path, GOOD)
    done = act(temp, folder, directory="nowhere")
    assert (done.status, done.outputs["verdict"]) == (64, "usage")
    assert UPLOAD not in done.used
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

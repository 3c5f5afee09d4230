"""Answers what Checkov asks of `helm`, with the Helm SDK of helm-python-sdk, where no helm is installed."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

VERSION = 'version.BuildInfo{Version:"v3.18.0", GitCommit:"", GitTreeState:"", GoVersion:""}'
"""The SDK is Helm 4's; older Checkovs look for 3, and both only read this line."""
JOURNAL = "OPENAI_PHI_HELM_JOURNAL"
"""As `scan_input` has it: what Checkov starts as helm has nothing of ours on its path."""
_TOO_MUCH = "it took more memory or time to render than a chart may"
_SCHEMA = "values.schema.json"
_REMOTE = re.compile(r"\$(?:ref|schema)\"\s*:\s*\"\w+:(?!\\?/\\?/json-schema\.org\\?/)")
_DOCUMENT = re.compile(r"^---\s*$", re.MULTILINE)


def documents(rendered: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(template's path, text) of every document that renders to something, in order of the paths."""
    for source, text in sorted(rendered.items()):
        for part in _DOCUMENT.split(text):
            if part.strip() and not all(
                line.lstrip().startswith("#") for line in part.strip().splitlines()
            ):
                yield source, part.strip("\n")


def template(chart_dir: str, values: dict[str, Any] | None = None) -> str:
    """What `helm template` prints for a chart. Raises the SDK's error where it does not render."""
    from helm_python import Chart  # an extra: only a machine without helm needs it

    lacking = ", ".join(missing_dependencies(chart_dir))
    if lacking:  # the SDK would leave them out; helm does not render such a chart
        raise ValueError(f"found in Chart.yaml, but missing in charts/ directory: {lacking}")
    with offline(chart_dir) as folder, Chart.load(folder) as chart:
        rendered = chart.render(values=values or {}, name="release-name")
    return "".join(f"---\n# Source: {source}\n{text}\n" for source, text in documents(rendered))


@contextmanager
def offline(chart_dir: str) -> Iterator[str]:
    """The chart's folder; of one whose schema refers to the network a copy without schemas."""
    schemas = (p for p in Path(chart_dir).rglob(_SCHEMA) if p.is_file())
    if not any(_REMOTE.search(p.read_text("utf-8", errors="replace")) for p in schemas):
        yield chart_dir
        return
    with tempfile.TemporaryDirectory(prefix="openai-phi-chart-") as folder:
        copy = os.path.join(folder, os.path.basename(os.path.abspath(chart_dir)))
        leave = shutil.ignore_patterns(_SCHEMA, ".git")
        shutil.copytree(chart_dir, copy, ignore=leave, ignore_dangling_symlinks=True)
        yield copy


def missing_dependencies(chart_dir: str) -> list[str]:
    """Dependencies that a chart names and its `charts` folder does not hold, as helm looks for them."""
    named: list[Any] = []
    for file in ("Chart.yaml", "requirements.yaml"):
        path = Path(chart_dir, file)
        data = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
        named += (data.get("dependencies") or []) if isinstance(data, dict) else []
    folder = Path(chart_dir, "charts")
    inside = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    names = sorted({str(d.get("name", "")) for d in named if isinstance(d, dict)} - {""})
    return [n for n in names if not any(_is_chart(n, found, folder) for found in inside)]


def _is_chart(name: str, found: str, folder: Path) -> bool:
    """Whether an entry of `charts` is a chart of this name: a folder that says so, or an archive."""
    if found == name or re.fullmatch(rf"{re.escape(name)}-v?\d.*\.tgz", found):
        return True
    file = folder / found / "Chart.yaml"
    said = (
        re.search(r"^name:\s*[\"']?([^\s\"'#]+)", file.read_text(encoding="utf-8"), re.M)
        if file.is_file()
        else None
    )
    return said is not None and said[1] == name


def _values(args: list[str]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for flag, value in itertools.pairwise(args):
        if flag in ("-f", "--values"):
            with open(value, encoding="utf-8") as handle:
                merged = merge(merged, yaml.safe_load(handle) or {})
    return merged


def merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Values as Helm lays one file over another: maps are joined, all else is replaced."""
    out = dict(below)
    for key, value in above.items():
        old = out.get(key)
        out[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def failures(journal: str | None) -> dict[str, str]:
    """Chart folder -> why it did not render, from the journal of one scan."""
    if not journal or not os.path.isfile(journal):
        return {}
    with open(journal, encoding="utf-8") as handle:
        return {str(e["chart"]): str(e["error"]) for e in map(json.loads, handle)}


def _note_failure(chart: str, error: Exception, journal: str | None) -> None:
    if journal:
        said = " ".join(str(error).split()) or type(error).__name__
        with open(journal, "a", encoding="utf-8") as handle:
            handle.write(json.dumps({"chart": os.path.abspath(chart), "error": said[:300]}) + "\n")


def main(args: list[str], journal: str | None = None) -> int:
    """The subset of helm's command line that Checkov uses; the exit code.

    What does not render is noted in the journal, if there is one.
    """
    if args[:1] == ["version"]:
        print(VERSION)
        return 0
    if args[:2] == ["dependency", "list"]:
        print("WARNING: no dependencies at charts")
        return 0
    if args[:1] == ["template"]:
        return _print(_chart(args), args, journal)
    sys.stderr.write(f"Error: helm {' '.join(args[:1])} is not answered here\n")
    return 1


def _chart(args: list[str]) -> str:
    """The folder among the words of a command that is a chart."""
    return next((a for a in args[1:] if os.path.isfile(os.path.join(a, "Chart.yaml"))), "")


def _apart(args: list[str], journal: str | None) -> int:
    """The same as `main` in a process of its own, which a limit may end; the exit code."""
    if not hasattr(os, "fork"):
        return main(args, journal)
    child = os.fork()
    if not child:
        code = main(args, journal)
        sys.stdout.flush()
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, 1):  # the SDK ends its process where it gets no memory or no time
        _note_failure(_chart(args), MemoryError(_TOO_MUCH), journal)
        sys.stderr.write(f"Error: {_TOO_MUCH}\n")
        return 1
    return code


def _print(chart: str, args: list[str], journal: str | None) -> int:
    try:
        sys.stdout.write(template(chart, _values(args)))
    except Exception as error:  # any failure of the SDK is helm's failure
        _note_failure(chart, error, journal)
        sys.stderr.write(f"Error: {type(error).__name__}: {error}\n")
        return 1
    return 0


def put_on_path(folder: str, helm: str | None = None) -> None:
    """Writes an executable named `helm` into a folder; put it first on PATH for one scan only.

    It runs this file, or the helm that is named, within the limits of what a scan starts.
    """
    from openai_phi.reading.disk.child_limits import limited  # not for what this file runs as helm

    target = Path(folder) / "helm"
    run = [helm] if helm else [sys.executable, os.path.abspath(__file__)]
    command = " ".join(shlex.quote(w) for w in limited(run))
    target.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    target.chmod(target.stat().st_mode | stat.S_IXUSR)


def temporary_folder(helm: str | None = None) -> tempfile.TemporaryDirectory[str]:
    """A folder with the stand-in in it, or with the helm that is named; it goes when it is closed."""
    folder = tempfile.TemporaryDirectory(prefix="openai-phi-helm-")
    put_on_path(folder.name, helm)
    return folder


if __name__ == "__main__":
    sys.exit(_apart(sys.argv[1:], os.environ.get(JOURNAL)))

"""Variants of one deployment: a chart with each of its values files, Terraform with each variable file."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import yaml

from openai_phi.declared.declarations import Declarations
from openai_phi.reading.charts.chart_values import Values
from openai_phi.reading.charts.helm_renderer import offline
from openai_phi.reading.charts.release_conditions import chart_decided
from openai_phi.reading.disk.child_limits import limited, seconds
from openai_phi.text.file_forms import TERRAFORM
from openai_phi.words.resources import Resource

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SOURCE = re.compile(r"^# Source: (\S+)", re.MULTILINE)


class NotRendered(Exception):
    """A chart that does not render with a values file; the message is helm's."""


def var_files(folder: str, files: Iterable[str], declared: Declarations, root: str) -> list[str]:
    """The variable files to read a Terraform root with: those that are named, else all in and below it."""
    named = {os.path.join(root, v) for e in declared.environments for v in e.var_files}
    if named:
        inside = [f for f in named if f.startswith(folder.rstrip(os.sep) + os.sep)]
        return sorted(f for f in inside if os.path.isfile(f))
    files = list(files)
    roots = {os.path.dirname(f) for f in files if f.endswith(TERRAFORM)}
    return sorted(f for f in files if _is_chosen(f, folder) and _nearest(f, roots) == folder)


def _is_chosen(file: str, folder: str) -> bool:
    """Whether somebody must name a variable file for Terraform to take it into a folder."""
    taken = file.endswith((".auto.tfvars", ".auto.tfvars.json")) or os.path.basename(file) in (
        "terraform.tfvars",
        "terraform.tfvars.json",
    )
    return file.endswith((".tfvars", ".tfvars.json")) and not (
        taken and os.path.dirname(file) == folder
    )


def _nearest(file: str, roots: Collection[str]) -> str:
    """The nearest folder above a file that holds Terraform, or an empty string."""
    folder = os.path.dirname(file)
    while folder not in roots:
        if folder == os.path.dirname(folder):
            return ""
        folder = os.path.dirname(folder)
    return folder


@contextmanager
def rendered(given: Values) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A chart with other values, while it is open: a folder like the chart's, and the objects in it.

    The objects are as the Kubernetes adapter takes them. Asks the `helm` on the PATH. Raises
    `NotRendered`.
    """
    with (
        tempfile.TemporaryDirectory(prefix="openai-phi-chart-") as folder,
        chart_decided(given.chart, given.decided) as chart,
    ):
        text = _with_values(chart, given)
        yield folder, list(_objects(text, folder))


def _with_values(chart: str, given: Values) -> str:
    inline = given.written()
    if not inline:
        return _template(chart, *given.files)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as handle:
        handle.write(inline)
        handle.flush()
        try:
            return _template(chart, *given.files, handle.name)
        except NotRendered:  # helm's message may hold a value
            raise NotRendered("the values that are written there do not suit it") from None


def renders(chart: str) -> str:
    """What helm gives for a chart with its own values alone. Raises `NotRendered`."""
    return _template(chart)


def _template(chart: str, *values: str) -> str:
    try:
        with offline(chart) as folder:
            command = ["helm", "template", "release-name", folder]
            command += [word for file in values for word in ("-f", file)]
            done = subprocess.run(
                limited(command), capture_output=True, text=True, timeout=seconds(), check=False
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRendered(type(error).__name__) from None
    if done.returncode:
        raise NotRendered(" ".join(done.stderr.replace(folder, chart).split())[:300])
    return done.stdout


def _objects(text: str, folder: str) -> Iterator[dict[str, Any]]:
    for part in re.split(r"^---\s*$", text, flags=re.MULTILINE):
        source = _SOURCE.search(part)
        if source is None:
            continue
        # helm names a template by its chart's name, which need not be the folder's
        path = os.path.join(folder, source[1].partition("/")[2])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        start = 1
        if os.path.exists(path):
            with open(path, encoding="utf-8") as handle:
                start = handle.read().count("\n") + 1
        body = part.strip("\n") + "\n---\n"
        with open(path, "a", encoding="utf-8") as handle:
            handle.write(body)
        try:
            data = yaml.load(part, Loader=_Loader)
        except yaml.YAMLError as error:
            raise NotRendered(f"gives no valid YAML in {source[1]}") from error
        if isinstance(data, dict) and data.get("kind"):
            end = start + body.count("\n") - 2
            yield {
                "block_type_": "resource",
                "file_path_": path,
                "id_": "",
                "config_": {**data, "__startline__": start, "__endline__": end},
            }


def distinct(base: Sequence[Resource], variants: Sequence[Resource]) -> list[Resource]:
    """The resources of variants that say something else than those of the base, each once.

    What several variants say alike names them all.
    """
    known = {_content(r) for r in base}
    found: dict[Any, Resource] = {}
    for resource in variants:
        content = _content(resource)
        if content in known:
            continue
        first = found.get(content)
        names = f"{first.variant}, {resource.variant}" if first else resource.variant
        twins = (*(first.built_as if first else ()), *resource.built_as)
        found[content] = replace(first or resource, variant=names, built_as=twins)
    return list(found.values())


def with_twins(base: Sequence[Resource], variants: Sequence[Resource]) -> list[Resource]:
    """The resources of the base, each with the names of the variants that say the same of it."""
    made: dict[Any, list[str]] = {}
    for resource in variants:
        made.setdefault(_content(resource), []).extend((resource.variant, *resource.built_as))
    names = [tuple(dict.fromkeys((*r.built_as, *made.get(_content(r), ())))) for r in base]
    return [replace(r, built_as=n) if n else r for r, n in zip(base, names, strict=True)]


def _content(resource: Resource) -> tuple[Any, ...]:
    settings = tuple(
        (s.name, repr(s.value), s.path, s.group, s.role)
        for s in resource.settings
        if len(s.path) < 3 or s.path[-2:] != ("metadata", "namespace")  # Checkov adds a pod's
    )
    return (
        resource.type,
        resource.id,
        resource.file,
        resource.namespace,
        settings,
        resource.refs,
        tuple(i for i, _ in resource.images),
        resource.labels,
        resource.selects,
        tuple((s.name, repr(s.value)) for s in resource.inherited),
    )

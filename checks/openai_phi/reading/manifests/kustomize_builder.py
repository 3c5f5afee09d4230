"""Builds kustomizations with the tool that is installed, in a folder of its own, without network, with limits."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import yaml

from openai_phi.reading.disk.child_limits import limited, seconds

_MOST = 20_000_000
_REMOTE = re.compile(r"://|github\.com|gitlab\.com|bitbucket\.org|git@|\?ref=|^git::", re.MULTILINE)
_DOCUMENT = re.compile(r"^---\s*$", re.MULTILINE)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOWHERE = "http://127.0.0.1:9"


class NotBuilt(Exception):
    """A kustomization that does not build; the message is the builder's."""


def builder() -> list[str]:
    """The command that builds a folder; empty where none is installed."""
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    return ["kubectl", "kustomize"] if shutil.which("kubectl") else []


def remote(texts: Iterator[str]) -> bool:
    """Whether kustomizations take in what lies elsewhere, which a scan does not fetch."""
    return any(_REMOTE.search(_without_comments(text)) for text in texts)


def _without_comments(text: str) -> str:
    """A kustomization without comments and what names its own schema."""
    return re.sub(r"(^|\s)#.*$|^apiVersion:.*$", "", text, flags=re.MULTILINE)


@contextmanager
def built(folder: str, over: Mapping[str, Any] | None = None) -> Iterator[list[dict[str, Any]]]:
    """The objects that a folder builds to, as the Kubernetes adapter takes them, while it is open.

    `over` is a kustomization that is laid over it. Raises `NotBuilt`.
    """
    with tempfile.TemporaryDirectory(prefix="openai-phi-kustomize-") as own:
        where = os.path.realpath(own)
        asked = folder
        if over is not None:
            asked = os.path.join(where, "over")
            os.makedirs(asked)
            base = os.path.relpath(os.path.realpath(folder), asked)
            content = {**over, "resources": [base]}
            if "components" in over:  # these lie as the folder sees them
                content["components"] = [os.path.join(base, str(c)) for c in over["components"]]
            with open(os.path.join(asked, "kustomization.yaml"), "w", encoding="utf-8") as handle:
                yaml.safe_dump(content, handle, sort_keys=True)
        text = _built(asked, where)
        path = os.path.join(where, "built.yaml")
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(text)
        yield list(_objects(text, path))


def _built(folder: str, home: str) -> str:
    command = builder()
    if not command:
        raise NotBuilt("neither kustomize nor kubectl is installed to build it")
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": home,
        "GIT_ALLOW_PROTOCOL": "none",
        "KUBECONFIG": os.devnull,
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE),
    }
    try:
        done = subprocess.run(
            limited([*command, "--load-restrictor", "LoadRestrictionsNone", folder]),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds(),
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotBuilt(f"{command[0]}: {type(error).__name__}") from None
    if done.returncode:
        said = done.stderr.replace(os.path.realpath(folder), ".").replace(folder, ".")
        raise NotBuilt(" ".join(said.split())[:300])
    if len(done.stdout) > _MOST:
        raise NotBuilt(f"it builds to more than {_MOST // 1_000_000} MB")
    return done.stdout


def _objects(text: str, path: str) -> Iterator[dict[str, Any]]:
    edges = [0, *(m.end() + 1 for m in _DOCUMENT.finditer(text)), len(text) + 1]
    for start, end in pairwise(edges):
        part = text[start : max(end - 1, start)]
        try:
            data = yaml.load(_DOCUMENT.sub("", part), Loader=_Loader)
        except yaml.YAMLError as error:
            raise NotBuilt("it builds to no valid YAML") from error
        if isinstance(data, dict) and data.get("kind"):
            first = text.count("\n", 0, start) + 1
            last = first + part.rstrip("-\n").count("\n")
            yield {
                "block_type_": "resource",
                "file_path_": path,
                "id_": "",
                "config_": {**data, "__startline__": first, "__endline__": last},
            }

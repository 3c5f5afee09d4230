"""Bad manifests and values: a result, or what could not be read and why; soon, and never a crash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scan import CHECKS

from handmade import around
from inprocess import analysis, told
from openai_phi.gathering.graph_scan import read_files
from openai_phi.text.documents import decoded, explosive, parse_text, repeated
from openai_phi.words.scan_input import FilesInput

POD = """apiVersion: v1
kind: Pod
metadata: {name: a, labels: {phi: "true"}}
spec:
  containers:
    - name: c
      image: registry.example.org/c:1
      env:
        - {name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}
"""
OPENAI = {"Pod.a": ("phi", ["openai api.openai.com"])}
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)
)
DEEP = "".join("  " * i + f"k{i}:\n" for i in range(200)) + "  " * 200 + "OPENAI_API_KEY: x\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  OPENAI_API_KEY: ${K}\n"


def unread(folder: Path) -> list[tuple[str, int, bool]]:
    """What the kubernetes framework could not read: reason, line, whether it matters."""
    found = analysis(folder, "kubernetes").unread
    return [(u.reason, u.line, u.matters) for u in found]


def unread_values(folder: Path, text: str) -> list[tuple[str, int, bool]]:
    """The same for a values file by itself."""
    file = folder / "values.yaml"
    file.write_text(text)
    found = read_files(FilesInput("yaml", str(folder), (str(file),)), around()).unread
    return [(u.reason, u.line, u.matters) for u in found]


READ = {
    "a byte order mark": b"\xef\xbb\xbf" + POD.encode(),
    "UTF-16": POD.encode("utf-16"),
    "a file in Latin-1": POD.replace("c:1", "'k\xe4se:1'").encode("latin-1"),
    "Windows line ends": POD.replace("\n", "\r\n").encode(),
    "a name with braces, which Checkov leaves out": POD.replace(
        "name: c", 'name: "{{item}}"'
    ).encode(),
    "anchors and merges": POD.replace(
        "spec:", "x-a: &a {name: OPENAI_API_KEY}\nx-b: &b {<<: *a, value: '${K}'}\nspec:"
    )
    .replace("{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}", "*b")
    .encode(),
}


@pytest.mark.parametrize("case", READ)
def test_odd_files_are_read(tmp_path: Path, case: str) -> None:
    (tmp_path / "a.yaml").write_bytes(READ[case])
    assert told(tmp_path, "kubernetes") == OPENAI
    assert unread(tmp_path) == []


UNREAD = {
    "tabs": (
        POD.replace("      env", "\tenv"),
        ("is not valid YAML: found a tab character that violates indentation", 8, True),
    ),
    "a template": (
        POD.replace("registry.example.org/c:1", "{{ .Values.image }}"),
        ("Checkov read no Pod from it", 1, True),
    ),
    "NUL bytes": (POD.replace("c:1", "c\0:1"), ("is not valid YAML: ReaderError", 1, True)),
    "200 levels": (
        "apiVersion: x/v1\nkind: Thing\nmetadata: {name: t}\nspec:\n"
        + "".join(f"  {line}\n" for line in DEEP.splitlines()),
        ("Thing t nests deeper than the limit at spec.k0.k1.k2.k3.k4", 1, True),
    ),
    "a key twice": (
        POD + "      env:\n        - {name: A, value: b}\n",
        ("env stands twice in one mapping, and only the last is read", 8, True),
    ),
    "documents in documents": (
        CONFIG + "  a: '" + r'{"b": "{\"c\": \"{\\\"d\\\": \\\"{\\\\\\\"openai\\\\\\\": 1}\\\"}\"}"}' + "'\n",
        ("ConfigMap c: d lies in 3 documents, one in the other", 6, True),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREAD)
def test_what_cannot_be_read_is_said(tmp_path: Path, case: str) -> None:
    text, expected = UNREAD[case]
    (tmp_path / "a.yaml").write_text(text)
    assert unread(tmp_path) == [expected]


def test_a_file_of_nothing_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("")
    (tmp_path / "b.yaml").write_text("just text of OPENAI_API_KEY with apiVersion: and kind:\n")
    assert told(tmp_path, "kubernetes") == {}
    assert unread_values(tmp_path, "") == []


def test_odd_types_do_not_stop_the_reading(tmp_path: Path) -> None:
    odd = "containers: [1, null, {env: 3, envFrom: x}, {name: c, env: [4, {name: OPENAI_API_KEY, value: '$K'}]}]"
    (tmp_path / "a.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n"
        f"  template: {{metadata: {{labels: {{a: b}}}}, spec: {{{odd}, volumes: 3}}}}\n"
    )
    assert told(tmp_path, "kubernetes") == {
        "Deployment.a": ("unclassified", ["openai api.openai.com"])
    }


def test_a_secret_that_is_no_base64_is_kept_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {OPENAI_API_KEY: "!!no base64"}\n'
    )
    estate = analysis(tmp_path, "kubernetes").estate
    assert [(o.resource.id, e.value) for o in estate.orphans for e in o.evidence] == [
        ("Secret.s", "set")
    ]


VALUES = {
    "a list": ("- openai: {apiKey: x}\n", ("is a list, not a mapping of values", 1, True)),
    "a text": ("openai and nothing else\n", ("is a single value, not a mapping of values", 1, True)),
    "200 levels": (DEEP, ("nests deeper than 60", 62, True)),
    "anchors that multiply": ("openai: {apiKey: x}\n" + LAUGHS, ("holds more than 300000 values", 2, True)),
    "an anchor in itself": ("openai: &l {apiKey: x, again: *l}\n", ("nests deeper than 60", 1, True)),
    "tabs": (
        "openai:\n\tapiKey: x\n",
        ("is not valid YAML: found character that cannot start any token", 2, True),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", VALUES)
def test_values_that_cannot_be_read(tmp_path: Path, case: str) -> None:
    text, expected = VALUES[case]
    assert unread_values(tmp_path, text) == [expected]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LAUGHS, "holds more than 300000 values"),
        ("a: &l [*l]\n", "nests deeper than 60"),
        ("a: &l [x]\nb: [*l, *l]\n", ""),
        ("a: {b: '*c'}\n", ""),
    ],
)
def test_anchors_that_multiply_are_known_before_checkov_expands_them(
    text: str, reason: str
) -> None:
    assert explosive(text) == reason


def test_repeated_keys_by_their_lines() -> None:
    text = "a: 1\nb:\n  c: 1\n  c: 2\n---\na: 3\na:\n  - x\n"
    found = [("a", 6, "a: 3"), ("c", 3, "  c: 1")]
    assert sorted(repeated(text, lambda part: True)) == found
    assert list(repeated(text, lambda part: "b:" in part)) == [found[1]]
    assert sorted(repeated("%YAML 1.1\n---\n" + text, lambda part: True)) == [
        (name, line + 2, lost) for name, line, lost in found
    ]


def test_texts_of_other_encodings() -> None:
    assert decoded("ä\r\nb".encode("utf-16")) == "ä\nb"
    assert decoded(b"\xef\xbb\xbfa\r\nb\rc") == "a\nb\nc"
    assert decoded(b"a\xe4") == "a�"


@pytest.mark.parametrize(
    "text", ["[server]\nport = 1\n\n[llm]\nopenai_api_key = 'x'\n", "[openai]\napi_key = ${K}\n"]
)
def test_a_toml_table_on_the_first_line_is_no_list(text: str) -> None:
    document = parse_text(text)
    assert document is not None
    assert isinstance(document.data, dict)


_SCAN = """
import json, resource, sys, time
from openai_phi.reporting.inventory import of_result
from openai_phi.scanning.scan import judge
start = time.monotonic()
found = of_result(judge(sys.argv[1]))
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([found["unread"], [w["id"] for w in found["workloads"]], time.monotonic() - start, used]))
"""
SECONDS, MEGABYTES = 60, 700
"""Ten times what it takes on two idle cores: a bound, not a measurement."""


def scanned(folder: Path) -> tuple[list[Any], list[str], float, int]:
    """What the scan of a folder could not read, its workloads, the seconds and megabytes it took."""
    path = {"PYTHONPATH": str(CHECKS), "PATH": "/usr/bin:/bin", "OPENAI_PHI_TODAY": "2026-11-20"}
    output = subprocess.run(
        [sys.executable, "-c", _SCAN, str(folder)],
        capture_output=True, text=True, timeout=SECONDS * 3, check=True, env=path,
    )  # fmt: skip
    unread, workloads, seconds, used = json.loads(output.stdout.splitlines()[-1])
    return [(u["file"], u["reason"], u["matters"]) for u in unread], workloads, seconds, used


def test_what_would_stop_checkov_ends_soon_and_costs_nothing_else(tmp_path: Path) -> None:
    """50 MB, anchors that multiply and one in itself, beside a manifest that is read as ever."""
    line = "    " + "x" * 120 + "\n"
    (tmp_path / "big.yaml").write_text(f"{CONFIG}  a.yaml: |\n{line * (50_000_000 // len(line))}")
    (tmp_path / "laughs.yaml").write_text(CONFIG + LAUGHS)
    (tmp_path / "loop.yaml").write_text(CONFIG + "  loop: &l [*l]\n")
    (tmp_path / "odd.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: [openai]\nspec: 3\n")
    (tmp_path / "pod.yaml").write_text(POD)
    lost, workloads, seconds, megabytes = scanned(tmp_path)
    assert lost == [
        ("big.yaml", "is longer than 5 MB", True),
        ("laughs.yaml", "holds more than 300000 values", True),
        ("loop.yaml", "nests deeper than 60", True),
        ("odd.yaml", "Checkov read no Pod from it", True),
    ]
    assert workloads == ["Pod.a"]
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


def test_references_in_a_circle_end(tmp_path: Path) -> None:
    names = ["a", "b", "c"]
    documents = []
    for name, following in zip(names, names[1:] + names[:1], strict=True):
        documents.append(
            f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: {name}}}}}\n"
        )
        key = "{name: OPENAI_API_KEY, value: '$K'}" if name == "c" else "{name: A, value: b}"
        documents.append(
            f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: {name}, phi: 'true'}}}}\n"
            f"spec: {{containers: [{{name: x, env: [{{name: NEXT, value: 'http://{following}:80'}}, {key}]}}]}}\n"
        )
    (tmp_path / "all.yaml").write_text("---\n".join(documents))
    assert told(tmp_path, "kubernetes")["Pod.a"] == ("phi", ["openai api.openai.com"])

"""What a command of the repository applies is read or told, whatever its ending or folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.facts.signatures import signatures
from openai_phi.reading.disk.applied_files import applied_aside, applied_within
from openai_phi.reading.disk.unread import Disk

MANIFEST = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {OPENAI_API_KEY: x}\n"
MAKE = "deploy:\n\tkubectl apply -f FILE\n"


def _told(folder: Path, make: str, *given: str) -> list[tuple[str, str]]:
    (folder / "Makefile").write_text(make)
    files = {str(folder / name) for name in given}
    found = applied_aside(Disk(str(folder), signatures()), files)
    return [(u.file, u.reason) for u in found if u.matters]


@pytest.mark.parametrize("name", ["app.txt", "app.k8s", "app.yaml.off", ".cache/app.yaml", "app"])
def test_a_file_that_nothing_reads_is_told_with_the_line_that_applies_it(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(MANIFEST)
    assert _told(tmp_path, MAKE.replace("FILE", name)) == [
        (name, "Makefile:2 applies it, and no framework reads it")
    ]
    assert _told(tmp_path, "deploy:\n\tkubectl get pods\n") == []
    (tmp_path / name).write_text(MANIFEST.replace("OPENAI_API_KEY", "LAB_KEY"))
    assert _told(tmp_path, MAKE.replace("FILE", name)) == []


def test_what_a_framework_is_given_is_not(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(MANIFEST)
    assert _told(tmp_path, MAKE.replace("FILE", "app.yaml"), "app.yaml") == []
    assert len(_told(tmp_path, MAKE.replace("FILE", "app.yaml"))) == 1


def test_what_is_written_out_and_piped_counts(tmp_path: Path) -> None:
    (tmp_path / "app.jsonnet").write_text(MANIFEST)
    piped = "deploy:\n\tjsonnet app.jsonnet | kubectl apply -f -\n"
    assert [f for f, _ in _told(tmp_path, piped)] == ["app.jsonnet"]
    assert _told(tmp_path, "show:\n\tjsonnet app.jsonnet\n\tkubectl get pods\n") == []


def test_a_folder_gives_what_has_the_ending_of_manifests(tmp_path: Path) -> None:
    (tmp_path / ".idea").mkdir()
    (tmp_path / ".idea" / "app.yaml").write_text(MANIFEST)
    (tmp_path / ".idea" / "notes.txt").write_text(MANIFEST)
    found = _told(tmp_path, MAKE.replace("FILE", ".idea/"))
    assert [f for f, _ in found] == [".idea/app.yaml"]


@pytest.mark.parametrize(
    "command",
    [
        "docker compose -f FILE up -d",
        "docker-compose -f FILE up",
        "docker stack deploy -c FILE web",
        "aws cloudformation create-stack --template-body file://FILE",
        "az deployment group create -g r --template-file FILE",
        "ansible-playbook -i hosts FILE",
        "nomad job run FILE",
        "oc apply -f FILE",
    ],
)
def test_whatever_program_deploys_it(command: str, tmp_path: Path) -> None:
    (tmp_path / "app.txt").write_text(MANIFEST)
    found = _told(tmp_path, f"deploy:\n\t{command.replace('FILE', 'app.txt')}\n")
    assert [f for f, _ in found] == ["app.txt"]


def test_what_is_read_in_and_piped_counts(tmp_path: Path) -> None:
    (tmp_path / "app.k8s").write_text(MANIFEST)
    found = _told(tmp_path, "deploy:\n\tenvsubst < app.k8s | kubectl apply -f -\n")
    assert [f for f, _ in found] == ["app.k8s"]


@pytest.mark.parametrize(("manifest", "told"), [(MANIFEST, True), ("notes: OPENAI_KEY\n", False)])
def test_a_manifest_that_stands_in_a_script(manifest: str, told: bool, tmp_path: Path) -> None:
    (tmp_path / "deploy.sh").write_text(f"kubectl apply -f - <<'E'\n{manifest}E\n")
    found = list(applied_within(Disk(str(tmp_path), signatures()), ()))
    assert [u.file for u in found if u.matters] == (["deploy.sh"] if told else [])

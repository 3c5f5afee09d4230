"""The wheel holds the engine, the rules and the schemas, and works where it is installed."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from scan import CHECKS, ROOT

from openai_phi.reporting.evidence_manifest import engine_digest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*build, "-w", str(out), str(ROOT)], check=True, capture_output=True)
    (file,) = out.glob("*.whl")
    return file


def test_contents(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    rules = {f"openai_phi/_checks/{f.name}" for f in CHECKS.glob("*.py")}
    engine = {
        f"openai_phi/{f.relative_to(CHECKS / 'openai_phi')}"
        for f in (CHECKS / "openai_phi").rglob("*.py")
    }
    data = {
        f"openai_phi/_schemas/{f.relative_to(ROOT / 'schemas')}"
        for f in (ROOT / "schemas").rglob("*")
        if f.is_file()
    }
    assert rules | engine | data <= names
    assert not [n for n in names if "__pycache__" in n or n.startswith("tests/")]


def test_its_rules_find_the_engine_and_the_data_beside_it(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from openai_phi.facts.data_files import schema_root\n"
        "from openai_phi.facts.catalogue import load_catalogue\n"
        "print(schema_root()); print(len(load_catalogue().editions))\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import site; site.addsitedir({str(site_packages())!r})\n{code}", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    root, editions = done.stdout.split()
    assert root == str(tmp_path / "openai_phi" / "_schemas")
    assert int(editions) >= 2


def test_its_evidence_attests_every_module_as_the_checkout_does(
    wheel: Path, tmp_path: Path
) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from openai_phi.facts.data_files import engine_folder\n"
        "from openai_phi.reporting.evidence_manifest import engine_digest\n"
        "print(json.dumps([str(engine_folder()), engine_digest()]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import site; site.addsitedir({str(site_packages())!r})\n{code}", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    folder, digest = json.loads(done.stdout)
    assert folder == str(tmp_path / "openai_phi")
    assert digest == engine_digest()
    engine = CHECKS / "openai_phi"
    assert set(digest["files"]) == {f.relative_to(engine).as_posix() for f in engine.rglob("*.py")}


def site_packages() -> Path:
    import yaml

    return Path(yaml.__file__).parent.parent

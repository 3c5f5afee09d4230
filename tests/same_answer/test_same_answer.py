"""The same files give the same bytes: under any hash seed, order of folders, locale, time zone, working directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from characterize import ACCURACY, cases
from scan import ROOT, scan

from metamorphic.deployments import WRITERS, deployments
from same_answer.runs import (
    OWN,
    SHUFFLED,
    Asked,
    Way,
    answers,
    differences,
    found,
    own,
    turning,
)

EXPECTED: dict[str, list[str]] = yaml.safe_load((OWN / "expected.yaml").read_text(encoding="utf-8"))
OPEN = {
    "own-module_for_each": "instances of a module whose for_each is a local are not told apart",
}
"""Cases that are known to be answered wrongly, or not the same each time, and why."""
TOOLS = ("helm", "kustomize")
"""Frameworks that are read with a tool of theirs, a process for each folder: in `make slow`."""
TWO = (Way(0), Way(1))
EIGHT = tuple(map(Way, range(8)))
DISTURBED = {
    "order": Way(0, shuffle="a"),
    "another order": Way(0, shuffle="b"),
    "C": Way(0, {"LC_ALL": "C"}),
    "Turkish": Way(0, {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}),
    "east": Way(0, {"TZ": "Pacific/Kiritimati"}),
    "west": Way(0, {"TZ": "Etc/GMT+12"}),
    "elsewhere": Way(0, elsewhere=True),
}
ALL_AT_ONCE = Way(2, {"LC_ALL": "C", "TZ": "Pacific/Kiritimati"}, elsewhere=True, shuffle="a")
Said = Mapping[str, Callable[[str], str]]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test session share."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "same-answer"


def small() -> dict[str, Path]:
    """The sample, and one example of every kind that the others are."""
    names = [n for n in cases() if n.startswith("case-")][::3]
    picked = ["sample", *names, "case-kustomized", "case-chart-renders", "case-chart-broken"]
    return {n: p for n, p in {**cases(), **own()}.items() if n in picked or n in EXACT}


EXACT = {n for n in own() if n not in OPEN}


def metamorphic(shared: Path) -> dict[str, Path]:
    """Every deployment in every framework, below one folder for each framework."""
    root = shared / "deployments"
    for framework, write in WRITERS.items():
        for deployment in deployments():
            files = {**write(deployment), "openai-compliance.yaml": deployment.compliance}
            for name, text in files.items():
                path = root / framework / deployment.name / name
                if text and not path.is_file():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
    return {f: root / f for f in WRITERS}


def the_same(said: Said, case: str) -> None:
    """Fails with the first lines that differ."""
    texts = {way: read(case) for way, read in said.items()}
    assert all(texts.values())
    assert differences(texts) == {}


@pytest.fixture(scope="session")
def two(shared: Path) -> Said:
    """All cases with two hash seeds."""
    return answers(shared, "two", Asked(cases()), TWO)


@pytest.fixture(scope="session")
def eight(shared: Path) -> Said:
    """The cases with merges, loops or several callers with eight hash seeds."""
    return answers(shared, "eight", Asked(turning(), ("json",)), EIGHT)


@pytest.mark.parametrize("case", cases())
def test_two_hash_seeds_give_the_same_bytes(two: Said, case: str) -> None:
    the_same(two, case)


def known(request: pytest.FixtureRequest, case: str) -> None:
    """Marks a case that is open."""
    if case in OPEN:
        request.applymarker(pytest.mark.xfail(strict=False, reason=OPEN[case]))


@pytest.mark.parametrize("case", turning())
def test_eight_hash_seeds_give_the_same_bytes_where_values_are_put_together(
    eight: Said, case: str, request: pytest.FixtureRequest
) -> None:
    known(request, case)
    the_same(eight, case)


@pytest.mark.parametrize("case", own())
def test_and_what_they_say_is_right(eight: Said, case: str, request: pytest.FixtureRequest) -> None:
    known(request, case)
    expected = sorted(EXPECTED[case.removeprefix("own-")])
    said = {way: found(read(case)) for way, read in eight.items()}
    assert said == dict.fromkeys(said, expected)


def test_every_case_says_what_is_expected_and_each_kind_is_there() -> None:
    assert {n.removeprefix("own-") for n in own()} == set(EXPECTED)
    assert {n.removeprefix("own-") for n in OPEN} <= set(EXPECTED)
    assert [] in EXPECTED.values()
    assert {"case-tf_lambda", "case-tf_modules"} <= set(turning())


@pytest.mark.parametrize("framework", [f for f in WRITERS if f not in TOOLS])
def test_two_hash_seeds_say_the_same_of_a_deployment(shared: Path, framework: str) -> None:
    asked = {n: p for n, p in metamorphic(shared).items() if n not in TOOLS}
    said = answers(shared, "deployments-two", Asked(asked, ("json",), everything=True), TWO)
    the_same(said, framework)


@pytest.fixture(scope="session")
def plain_surroundings(shared: Path) -> Said:
    """The small set as most of us run it, and with all that is around it changed at once."""
    return answers(shared, "around", Asked(small(), handles=False), (Way(0), ALL_AT_ONCE))


@pytest.mark.parametrize("case", small())
def test_other_surroundings_give_the_same_bytes(plain_surroundings: Said, case: str) -> None:
    """Another hash seed, order of folders, locale, time zone and working directory, all at once."""
    the_same(plain_surroundings, case)


def test_the_shuffle_bites(tmp_path: Path) -> None:
    """Every way to list a folder gives another order, or the tests above would show nothing."""
    for number in range(20):
        (tmp_path / f"{number:02}").touch()
    code = (
        "import glob, os, pathlib, sys\n"
        "p = sys.argv[1]\n"
        "print([os.listdir(p), [e.name for e in os.scandir(p)], next(os.walk(p))[2],\n"
        "  [f.name for f in pathlib.Path(p).iterdir()], [f.name for f in pathlib.Path(p).glob('*')],\n"
        "  [f.name for f in pathlib.Path(p).rglob('*')], [f[-2:] for f in glob.glob(p + '/*')]])\n"
    )
    listed = {}
    for shuffle in ("a", "b"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            env=Way(0, shuffle=shuffle).environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        listed[shuffle] = yaml.safe_load(done.stdout)
    names = sorted(p.name for p in tmp_path.iterdir())
    for one, other in zip(listed["a"], listed["b"], strict=True):
        assert sorted(one) == sorted(other) == names
        assert one != other
    assert (SHUFFLED / "sitecustomize.py").is_file()


def test_a_difference_is_seen() -> None:
    """The comparison itself."""
    assert differences({"0": "a\nb\n", "1": "a\nb\n"}) == {}
    assert differences({"0": "a\nb\n", "1": "a\nc\n"}) == {"1": "--- 0\n+++ 1\n@@ -2 +2 @@\n-b\n+c"}


# ---- what follows takes longer: `make slow` --------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("case", sorted({*turning(), *cases()}))
def test_plain_records_are_the_same_too(
    shared: Path, case: str, request: pytest.FixtureRequest
) -> None:
    """With eight seeds where values are put together, else with two, every format and Checkov's records."""
    known(request, case)
    if case in turning():
        the_same(answers(shared, "slow-eight", Asked(turning(), plain=True), EIGHT), case)
    else:
        asked = {n: p for n, p in cases().items() if n not in turning()}
        the_same(answers(shared, "slow-two", Asked(asked, plain=True), TWO), case)


@pytest.mark.slow
@pytest.mark.parametrize("framework", WRITERS)
def test_every_deployment_in_every_format(shared: Path, framework: str) -> None:
    asked = Asked(metamorphic(shared), everything=True, handles=False)
    the_same(answers(shared, "slow-deployments", asked, (*TWO, Way(3, shuffle="b"))), framework)


@pytest.mark.slow
@pytest.mark.parametrize("disturbed", DISTURBED)
def test_each_change_around_it_alone(shared: Path, disturbed: str) -> None:
    asked = Asked(
        {n: p for n, p in {**cases(), **own()}.items() if n not in OPEN}, None, True, handles=False
    )
    said = answers(shared, "slow-around", asked, (Way(0), *DISTURBED.values()))
    pair = {way.name: said[way.name] for way in (Way(0), DISTURBED[disturbed])}
    wrong = {c: differences({w: read(c) for w, read in pair.items()}) for c in asked.cases}
    assert {c: d for c, d in wrong.items() if d} == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder",
    [
        ROOT / "sample_infra",
        ACCURACY,
        pytest.param(OWN, marks=pytest.mark.xfail(strict=False, reason="see OPEN")),
    ],
    ids=lambda p: p.name,
)
def test_plain_checkov_says_the_same_however_it_is_started(folder: Path) -> None:
    """Processes, threads or neither; two hash seeds; another working directory and order."""
    ways = {
        f"{kind} {seed} {shuffle}": Way(
            seed, {"CHECKOV_PARALLELIZATION_TYPE": kind}, shuffle=shuffle
        )
        for kind, seed, shuffle in (
            ("fork", 0, ""),
            ("fork", 1, "a"),
            ("thread", 0, ""),
            ("thread", 1, "b"),
            ("none", 0, ""),
            ("none", 1, "a"),
        )
    }
    said = {}
    for name, way in ways.items():
        done = scan(str(folder), "-o", "json", capture=True, **way.environment())
        assert done.returncode == 1, done.stderr
        said[name] = json.dumps(_records(json.loads(done.stdout)), indent=1)
    assert "OAI_" in said["fork 0 "]
    assert differences(said) == {}


def _records(document: Any) -> list[Any]:
    """What failed and was skipped, in the order in which Checkov gives it within a framework."""
    reports = document if isinstance(document, list) else [document]
    return [
        (r["check_type"], r["results"]["failed_checks"], r["results"]["skipped_checks"])
        for r in sorted((r for r in reports if "check_type" in r), key=lambda r: r["check_type"])
    ]

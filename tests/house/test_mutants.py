"""The search for faults that no test notices notices them itself: drawn alike, really put in, reported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import mutants
import pytest

SMALL = """from __future__ import annotations


def tested(days: int | None) -> bool:
    return days == 30


def forgotten(days: int) -> bool:
    return days > 1


def until(days: int) -> int:
    while days > 0:
        days -= 1
    return days
"""
TESTS = """from openai_phi import small


def test_tested():
    assert small.tested(30)
    assert not small.tested(31)
    assert not small.tested(29)


def test_forgotten():
    small.forgotten(5)


def test_until():
    assert small.until(3) == 0
"""
# what the child runs first: the small engine in place of ours
AT = """import sys
from pathlib import Path
import mutants

mutants.ROOT = Path(sys.argv[1])
mutants.KEPT = mutants.ROOT / ".mutants"
mutants.WARM = ()
mutants.ENDLESS = 0.5
mutants.GROUPS.clear()
mutants.GROUPS["small"] = ("small.py",)


def fault(line, before, after):
    source = (mutants.ROOT / "checks/openai_phi/small.py").read_text()
    mutant = mutants.Mutant(group="small", path="checks/openai_phi/small.py", line=line, column=0,
                            operator="ReplaceComparisonOperator_Eq_Lt", occurrence=0)
    assert before in source
    return mutants.Fault(mutant=mutant, before=source, after=source.replace(before, after))


tests = ["tested", "forgotten", "until"]
reach = mutants.Reach(
    tests=[f"tests/test_small.py::test_{t}" for t in tests], cost=[0.01, 0.01, 0.01],
    lines={"checks/openai_phi/small.py": {5: 1, 9: 2, 13: 4, 14: 4, 15: 4}},
    imported={"checks/openai_phi/small.py": {1, 4, 8, 12}}, broken=[],
)


def judged(*faults):
    return mutants.judged(faults, reach, 1, float("inf"))
"""


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A folder with an engine of three functions, one of which no test asks anything."""
    for name, text in (("checks/openai_phi/small.py", SMALL), ("tests/test_small.py", TESTS)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def ran(engine: Path, text: str) -> str:
    """What this program prints in a process that has not imported the small engine."""
    paths = [str(engine / "checks"), str(Path(mutants.__file__).parent)]
    done = subprocess.run(
        [sys.executable, "-c", AT + text, str(engine)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        cwd=engine,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def made(group: str, line: int, operator: str) -> mutants.Mutant:
    return mutants.Mutant(
        group=group, path=f"{group}.py", line=line, column=4, operator=operator, occurrence=line
    )


MANY = [made("large", n, op) for n in range(40) for op in ("Add_Sub", "Add_Mul", "AddNot")]
MANY += [made("little", n, "AddNot") for n in range(10)]


def test_the_same_seed_draws_the_same_in_whatever_order_they_are_listed() -> None:
    first = mutants.drawn(MANY, 7)
    assert mutants.drawn(MANY[::-1], 7) == first
    assert mutants.drawn(MANY, 8) != first
    assert sorted(first) == sorted(MANY)


def test_a_draw_takes_each_group_by_its_places_and_no_place_twice_before_all_others() -> None:
    first = mutants.drawn(MANY, 7)[:25]
    assert sum(m.group == "little" for m in first) == 5
    assert len({(m.path, m.line) for m in first}) == 25


def test_a_fault_is_really_put_in_and_the_file_stays(engine: Path) -> None:
    out = ran(engine, "print(judged(fault(5, 'days == 30', 'days < 30'))[0])")
    assert "state='killed'" in out
    assert "test='tests/test_small.py::test_tested'" in out
    assert (engine / "checks/openai_phi/small.py").read_text() == SMALL


def test_what_changes_nothing_survives_the_same_tests(engine: Path) -> None:
    out = ran(engine, "print(judged(fault(5, 'days == 30', '30 == days'))[0])")
    assert "state='survived', test='', ran=3, reach=1" in out


def test_a_fault_that_no_test_sees_is_reported_with_its_line_and_what_it_changed(
    engine: Path,
) -> None:
    out = ran(
        engine,
        "found = judged(fault(5, 'days == 30', 'days < 30'), fault(9, 'days > 1', 'days > 2'))\n"
        "print(mutants.report(found, reach, 3))\n"
        "print(mutants.score(found))",
    )
    survived = out[out.index("survived: ") :]
    assert survived.splitlines()[:4] == [
        "survived: a comparison replaced (1)",
        "  checks/openai_phi/small.py:9 ReplaceComparisonOperator_Eq_Lt (3 tests, 1 reach it)",
        "    -    return days > 1",
        "    +    return days > 2",
    ]
    assert "3 mutants were not run, since the time was up" in survived
    assert survived.splitlines()[-1] == "50.0"


def test_a_fault_that_never_ends_is_noticed(engine: Path) -> None:
    out = ran(engine, "print(judged(fault(14, 'days -= 1', 'days += 1'))[0])")
    assert "state='timeout'" in out


def test_a_fault_that_cannot_be_imported_is_noticed(engine: Path) -> None:
    out = ran(engine, "print(judged(fault(5, 'def forgotten', 'raise ValueError\\n\\ndef f'))[0])")
    assert "state='killed', test='tests/test_small.py on import'" in out


def test_a_module_that_is_imported_already_is_no_fault_noticed(engine: Path) -> None:
    text = "from openai_phi import small\ntry:\n    judged(fault(5, 'days == 30', 'days < 30'))\n"
    out = ran(engine, text + "except RuntimeError as error:\n    print(error)")
    assert "is imported already, and would stay without its fault" in out


def test_the_whole_way_with_the_mutants_of_cosmic_ray(engine: Path) -> None:
    pytest.importorskip("cosmic_ray")
    pytest.importorskip("coverage")
    out = ran(engine, "print(mutants.main(['--count', '99', '--jobs', '1']))")
    survived = out[out.index("survived: ") :]
    assert "small.py:9 NumberReplacer (" in survived
    assert "small.py:5" not in survived
    assert out.splitlines()[-1] == "1"
    assert len(list((engine / ".mutants").iterdir())) == 1


CODE = '''"""1 + 1."""
from __future__ import annotations
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

Known = dict[str, int] | None
if TYPE_CHECKING:
    LIMIT = 1


@dataclass(frozen=True)
class A:
    x: int | None = 1 | 2


@lru_cache(maxsize=8)
def f(a: int | str = 3) -> int | None:
    """2."""
    return cast("int | 4", 5)


@property
def g(): ...
'''


@pytest.mark.parametrize(
    ("text", "operator", "idle"),
    [
        ("1 + 1", "NumberReplacer", True),
        ("| None\nif", "ReplaceBinaryOperator_BitOr_Add", True),
        ("1\n\n\n@dataclass", "NumberReplacer", True),
        ("True", "ReplaceTrueWithFalse", True),
        ("| None = 1", "ReplaceBinaryOperator_BitOr_Add", True),
        ("1 | 2", "NumberReplacer", False),
        ("@lru_cache", "RemoveDecorator", True),
        ("8)", "NumberReplacer", True),
        ("| str", "ReplaceBinaryOperator_BitOr_Add", True),
        ("3) ->", "NumberReplacer", False),
        ('"int | 4"', "NumberReplacer", True),
        ("5)", "NumberReplacer", False),
        ("@property", "RemoveDecorator", False),
    ],
)
def test_what_nothing_executes_is_not_changed(text: str, operator: str, idle: bool) -> None:
    before = CODE[: CODE.index(text)]
    place = (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1))
    assert mutants.not_executed(CODE)(*place, operator) is idle


def test_a_statement_is_the_innermost_one_and_of_a_compound_one_the_head() -> None:
    source = "def f(a,\n      b):\n    if (a and\n            b):\n        g(\n            a)\n"
    assert [mutants.statement(source, n) for n in (2, 4, 6)] == [
        range(1, 3),
        range(3, 5),
        range(5, 7),
    ]


def test_each_group_still_finds_its_modules() -> None:
    found = mutants.modules()
    assert set(found.values()) == set(mutants.GROUPS)
    assert len(mutants.modules("redaction")) == 1
    with pytest.raises(SystemExit, match="no module fits the patterns of gone"):
        mutants.modules("*", {"gone": ("nothing_of_this_name.py",)})

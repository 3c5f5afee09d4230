"""Puts small faults into the engine, one at a time, and says which of them no test notices.

The mutants are cosmic-ray's. Each runs in a fork of one process that has imported pytest and Checkov
but nothing of ours, so that it costs what its tests cost; the fault is given to the import system and
no file is touched. The tests are those that reach the line, the cheapest first, up to a budget.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import fnmatch
import hashlib
import importlib
import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import partial
from importlib.machinery import SourceFileLoader
from multiprocessing import connection, get_context
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = Path("checks/openai_phi")
KEPT = ROOT / ".mutants"
COUNT, SEED, TARGET, MINUTES, JOBS = 600, 20261127, 90.0, 60.0, 2

# group -> patterns over a module's path below the engine's folder; the first group that fits counts
GROUPS: dict[str, tuple[str, ...]] = {
    "verdicts": ("verdicts/*",),
    "linking": ("linking/*",),
    "exceptions": ("*/exceptions.py", "*/exceptions_applied.py"),
    "declarations": ("declared/*",),
    "redaction": ("*/redaction.py",),
    "prefilter": ("*/prefilter.py",),
    "terraform": ("*/terraform/*",),
    "kubernetes": ("*/manifests/*",),
}
# folders of tests that start processes, which see nothing of a fault put into this one, or that draw
PROCESSES = {"browser", "commands", "house", "plugin", "reporting"}
# imported once, before any mutant: the heavy things that are not ours
WARM = (
    *("checkov.main", "checkov.terraform.runner", "checkov.kubernetes.runner"),
    *("checkov.helm.runner", "checkov.kustomize.runner", "checkov.yaml_doc.runner"),
    *("checkov.cloudformation.runner", "checkov.bicep.runner", "checkov.arm.runner"),
    *("checkov.ansible.runner", "checkov.github_actions.runner", "jsonschema", "hcl2"),
)
BUDGET = 20.0  # seconds of processor time for the tests that reach the line
MORE = 6.0  # and for others that reach its module, since what is cached ran in one test only
ENDLESS = 10.0  # seconds beside ten times its own that one test may take
NOTICED_LATE = 41  # exit status of a fork in which a test did not end
IMPORTED = "on import"


@dataclass(frozen=True, kw_only=True, order=True)
class Mutant:
    """One fault: the operator's occurrence in a module, and where it stands (lines from 1)."""

    group: str
    path: str
    line: int
    column: int
    operator: str
    occurrence: int


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A mutant with the module's source before and after."""

    mutant: Mutant
    before: str
    after: str

    def diff(self) -> list[str]:
        """The lines that differ, without headers."""
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), n=0)
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a fault: `killed`, `timeout` or `survived`, the test that saw it, how many ran."""

    fault: Fault
    state: str
    test: str
    ran: int
    reach: int


# --- which mutants there are


def modules(pattern: str = "*", groups: dict[str, tuple[str, ...]] = GROUPS) -> dict[str, str]:
    """Path from the root -> group, of the modules whose name fits the pattern; no group is empty."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / ENGINE).rglob("*.py")):
        below = path.relative_to(ROOT / ENGINE).as_posix()
        for group, patterns in groups.items():
            if any(fnmatch.fnmatchcase(below, p) for p in patterns):
                found.setdefault(path.relative_to(ROOT).as_posix(), group)
    empty = set(groups) - set(found.values())
    if empty:
        raise SystemExit(f"mutants: no module fits the patterns of {', '.join(sorted(empty))}")
    return {p: g for p, g in found.items() if fnmatch.fnmatchcase(Path(p).stem, pattern)}


def listed(path: str, group: str) -> list[Mutant]:
    """All mutants of a module that could change what it does."""
    cosmic: Any = importlib.import_module("cosmic_ray.ast")
    plugins: Any = importlib.import_module("cosmic_ray.plugins")
    source = (ROOT / path).read_text(encoding="utf-8")
    idle = not_executed(source)
    nodes = list(cosmic.ast_nodes(cosmic.get_ast(source)))
    out = []
    for name in sorted(plugins.operator_names()):
        operator = plugins.get_operator(name)
        if operator.arguments() or same_by_construction(name):
            continue
        made = operator()
        places = [start for n in nodes for start, _ in made.mutation_positions(n)]
        for occurrence, (line, column) in enumerate(places):
            if not idle(line, column, name):
                out.append(
                    Mutant(
                        group=group,
                        path=path,
                        line=line,
                        column=column,
                        operator=name.removeprefix("core/"),
                        occurrence=occurrence,
                    )
                )
    return out


def same_by_construction(operator: str) -> bool:
    """Whether an operator only exchanges equality and identity, which None, enums and interned
    constants do not tell apart."""
    return operator.endswith(("_Eq_Is", "_Is_Eq", "_NotEq_IsNot", "_IsNot_NotEq"))


def not_executed(source: str) -> Callable[[int, int, str], bool]:
    """Whether a mutant at a place (line, column, operator) is without effect: it stands in an
    annotation, a type alias, a docstring, an import for types, a cast's type, the options of a
    dataclass, or takes away or resizes a cache."""
    spans: list[tuple[tuple[int, int], tuple[int, int]]] = []
    caches: set[int] = set()

    def leave(node: ast.AST | None) -> None:
        if node is not None and hasattr(node, "lineno"):
            end = (node.end_lineno or 0, node.end_col_offset or 0)  # type: ignore[attr-defined]
            spans.append(((node.lineno, node.col_offset), end))  # type: ignore[attr-defined]

    for node in ast.walk(ast.parse(source)):
        for part in _idle_parts(node):
            leave(part)
        for decorator in getattr(node, "decorator_list", ()):
            if _called(decorator) in {"cache", "lru_cache"}:
                caches.add(decorator.lineno)
    return lambda line, column, operator: (
        any(start <= (line, column) < end for start, end in spans)
        or ("RemoveDecorator" in operator and line in caches)
    )


def _idle_parts(node: ast.AST) -> Iterator[ast.AST | None]:
    """The parts of a node that nothing executes, or whose value nobody asks."""
    if isinstance(node, ast.arg | ast.AnnAssign):
        yield node.annotation
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.returns
    elif isinstance(node, ast.ImportFrom) and node.module == "__future__":
        yield node
    elif isinstance(node, ast.If) and _called(node.test) == "TYPE_CHECKING":
        yield from node.body
    elif isinstance(node, ast.Call) and _called(node) == "cast":
        yield node.args[0]
    elif isinstance(node, ast.Assign) and _alias(node.value):
        yield node.value
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node
    for decorator in getattr(node, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and _called(decorator) in {
            *("dataclass", "cache", "lru_cache"),
        }:
            yield from (k.value for k in decorator.keywords)
            yield from decorator.args


def _called(node: ast.expr) -> str:
    """The last word of a name, an attribute or of what is called."""
    if isinstance(node, ast.Call):
        return _called(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _alias(value: ast.expr) -> bool:
    """Whether a value is a type such as `dict[str, X] | Y`: names only, joined by bars."""
    names = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.BinOp, ast.BitOr)
    rest = (ast.Constant, ast.expr_context)
    bars = [n for n in ast.walk(value) if isinstance(n, ast.BinOp)]
    return bool(bars) and all(isinstance(n, (*names, *rest)) for n in ast.walk(value))


def drawn(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """An order of all mutants of which the first so many are the draw: each group by its share, and
    within a group one mutant of each place before a second of any, so that an operator with twelve
    replacements does not count twelve times."""
    chance = random.Random(seed)
    groups: dict[str, dict[tuple[str, int, int], list[Mutant]]] = defaultdict(dict)
    for mutant in sorted(mutants):
        place = (mutant.path, mutant.line, mutant.column)
        groups[mutant.group].setdefault(place, []).append(mutant)
    ranked: list[tuple[float, Mutant]] = []
    for group in sorted(groups):
        places = [chance.sample(found, len(found)) for found in groups[group].values()]
        chance.shuffle(places)
        rounds = max(map(len, places))
        order = [found[i] for i in range(rounds) for found in places if i < len(found)]
        share = len(places)  # a group's weight is its places, not its replacements
        ranked += [((i + 0.5) / share, mutant) for i, mutant in enumerate(order)]
    ranked.sort(key=lambda r: (r[0], r[1]))
    return [mutant for _, mutant in ranked]


def faults(order: Iterable[Mutant], count: int) -> list[Fault]:
    """The first mutants of the order that are programs, and others than the original."""
    mutating: Any = importlib.import_module("cosmic_ray.mutating")
    plugins: Any = importlib.import_module("cosmic_ray.plugins")
    out: list[Fault] = []
    for mutant in order:
        if len(out) == count:
            break
        before = (ROOT / mutant.path).read_text(encoding="utf-8")
        operator = plugins.get_operator(f"core/{mutant.operator}")()
        after = mutating.mutate_code(before, operator, mutant.occurrence)
        if after is not None and _another_program(before, after):
            out.append(Fault(mutant=mutant, before=before, after=after))
    return out


def _another_program(before: str, after: str) -> bool:
    try:
        return ast.dump(ast.parse(before)) != ast.dump(ast.parse(after))
    except SyntaxError:
        return False


# --- forks


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a fork handed back (None: nothing) and how it ended; `late` if it had to be ended."""

    value: Any
    status: int | None
    late: bool


def forked(
    tasks: Sequence[Callable[[], Any]], jobs: int, seconds: float, until: float = float("inf")
) -> Iterator[tuple[int, Answer]]:
    """Runs each task in a fork of this process, `jobs` at a time and each at most so long; after
    the time `until` none is begun."""
    context = get_context("fork")
    waiting = list(enumerate(tasks))[::-1]
    running: dict[int, tuple[int, Any, Any, float]] = {}
    while (waiting and time.monotonic() < until) or running:
        while waiting and len(running) < jobs and time.monotonic() < until:
            number, task = waiting.pop()
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_answer, args=(task, theirs))
            process.start()
            theirs.close()
            running[number] = (number, process, ours, time.monotonic() + seconds)
        ends = [p for _, _, p, _ in running.values()]
        ready = connection.wait(ends, timeout=1.0)
        for number, process, ours, deadline in list(running.values()):
            late = time.monotonic() > deadline
            if ours in ready or late:
                del running[number]
                yield number, _collected(process, ours, late and ours not in ready)


def _answer(task: Callable[[], Any], end: Any) -> None:
    """In the fork: a group of its own, so that it can be ended with all that it started."""
    os.setpgid(0, 0)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        try:
            end.send((task(), ""))
        except Exception as broken:  # our own fault, which must not pass for a fault noticed
            end.send((None, repr(broken)))
    end.close()
    os._exit(0)


def _collected(process: Any, end: Any, late: bool) -> Answer:
    value = None
    if not late:
        try:
            value, broken = end.recv()
        except EOFError:
            broken = ""
        process.join(5)
        if broken:
            raise RuntimeError(f"a fork did not do its work: {broken}")
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()
    end.close()
    return Answer(value=value, status=process.exitcode, late=late)


# --- tests: what each reaches, and whether it sees a fault


class Watch:
    """A plugin of pytest: runs the tests in this order, none beyond its time, all within a budget."""

    def __init__(self, plan: Sequence[tuple[str, float]], within: Sequence[float]) -> None:
        self.limits = dict(plan)
        self.within = within  # the budget before each test, by its place in the plan
        self.order = [test for test, _ in plan]
        self.ran = 0
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        there = {item.nodeid: item for item in items}
        items[:] = [there[test] for test in self.order if test in there]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        signal.signal(signal.SIGPROF, lambda *_: os._exit(NOTICED_LATE))
        signal.setitimer(signal.ITIMER_PROF, ENDLESS + 10 * self.limits[item.nodeid])
        yield
        signal.setitimer(signal.ITIMER_PROF, 0)
        self.ran += 1
        if self.ran < len(self.within) and cpu() > self.within[self.ran]:
            item.session.shouldstop = "the budget is spent"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = f"{report.nodeid} on import"


class Trace:
    """A plugin of pytest: notes what each test costs, whether it passed, and the lines it reaches."""

    def __init__(self, coverage: Any) -> None:
        self.coverage = coverage
        self.cost: dict[str, float] = {}
        self.passed: set[str] = set()
        self.failed: set[str] = set()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        begun = cpu()
        self.coverage.switch_context(item.nodeid)
        yield
        self.coverage.switch_context(IMPORTED)
        self.cost[item.nodeid] = cpu() - begun

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)
        if report.failed:
            self.failed.add(report.nodeid)


def cpu() -> float:
    """Seconds of processor time of this process and of those that it started."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def run_pytest(files: Iterable[str], plugin: object, *options: str) -> int:
    """Runs these test files in this process, in the way of `make test` but for several workers."""
    resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, resource.RLIM_INFINITY))
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(ROOT)]
    return int(pytest.main([*arguments, *options, *files], plugins=[plugin]))


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Of the tests that pass: what each costs, and by module which reach each line (bits of `tests`)."""

    tests: list[str]
    cost: list[float]
    lines: dict[str, dict[int, int]]
    imported: dict[str, set[int]]
    broken: list[str]

    def chosen(self, mask: int) -> list[tuple[str, float]]:
        """The tests of a mask, the cheapest first."""
        found = [(self.cost[i], t) for i, t in enumerate(self.tests) if mask >> i & 1]
        return [(test, cost) for cost, test in sorted(found)]

    def plan(self, fault: Fault) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
        """The tests that reach the fault's statement, and others that reach its module."""
        path, lines = fault.mutant.path, statement(fault.before, fault.mutant.line)
        reached = self.lines.get(path, {})
        all_ = 0
        for mask in reached.values():
            all_ |= mask
        near = 0
        for line in lines:
            near |= reached.get(line, 0)
        if not near and set(lines) & self.imported.get(path, set()):
            near = all_
        return self.chosen(near), self.chosen(all_ & ~near)


def statement(source: str, line: int) -> range:
    """The lines of the innermost statement around a line; of a compound one, those of its head."""
    best = range(line, line + 1)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt | ast.excepthandler):
            continue
        first, last = node.lineno, node.end_lineno or node.lineno
        body = getattr(node, "body", None)
        if isinstance(body, list) and body:
            last = max(first, body[0].lineno - 1)
        if first <= line <= last:
            best = range(first, last + 1)
    return best


@dataclass(frozen=True, kw_only=True)
class Traced:
    """What one test file said without a fault: the cost of each test, those that passed, and for each
    module and line the tests that reach it (numbers into `tests`; -1 is the import)."""

    tests: list[str]
    cost: list[float]
    passed: list[bool]
    failed: list[str]
    lines: dict[str, dict[str, list[int]]]


def traced(file: str, paths: Sequence[str]) -> Traced:
    """In a fork: runs a test file under coverage."""
    coverage: Any = importlib.import_module("coverage")
    watched = {path: str(ROOT / path) for path in paths}
    cover = coverage.Coverage(data_file=None, include=list(watched.values()), config_file=False)
    cover.start()
    cover.switch_context(IMPORTED)
    plugin = Trace(cover)
    run_pytest([str(ROOT / file)], plugin)
    cover.stop()
    number = {test: i for i, test in enumerate(plugin.cost)}
    lines: dict[str, dict[str, list[int]]] = {}
    for path, full in watched.items():
        reached = cover.get_data().contexts_by_lineno(full).items()
        lines[path] = {str(line): sorted(number.get(t, -1) for t in ts) for line, ts in reached}
    return Traced(
        tests=list(number),
        cost=list(plugin.cost.values()),
        passed=[test in plugin.passed - plugin.failed for test in number],
        failed=sorted(plugin.failed),
        lines=lines,
    )


def files_of_tests(patterns: Sequence[str]) -> list[str]:
    """The test files of whose tests a fault in this process is seen, the largest first."""
    found = sorted((ROOT / "tests").rglob("test_*.py"), key=lambda f: (-f.stat().st_size, f))
    relative = [f.relative_to(ROOT) for f in found if not PROCESSES & set(f.parts)]
    shown = [f.as_posix() for f in relative]
    return [f for f in shown if any(fnmatch.fnmatchcase(f, f"*{p}*") for p in patterns)]


def state_of(paths: Sequence[str]) -> str:
    """A digest of all, but for the test files, that decides what a test reaches."""
    digest = hashlib.sha256("\n".join(paths).encode())
    for folder in ("checks", "schemas", "scripts", "tests"):
        for file in sorted((ROOT / folder).rglob("*")):
            ours = file.suffix in {".py", ".json", ".yaml", ".yml", ".tf"}
            told_apart = file.name.startswith("test_") or file == Path(__file__).resolve()
            if ours and file.is_file() and not told_apart:
                digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def measured(paths: Sequence[str], files: Sequence[str], jobs: int) -> Reach:
    """What each test reaches: of a test file that was traced on the same sources, as it was then."""
    common = state_of(paths)
    kept: dict[str, Path] = {}
    for file in files:
        own = hashlib.sha256(common.encode() + file.encode() + (ROOT / file).read_bytes())
        kept[file] = KEPT / f"{Path(file).stem}-{own.hexdigest()[:16]}.json"
    todo = [file for file in files if not kept[file].exists()]
    KEPT.mkdir(exist_ok=True)
    for done, (number, answer) in enumerate(
        forked([partial(traced, file, paths) for file in todo], jobs, 1800)
    ):
        if answer.value is not None:
            for old in KEPT.glob(f"{Path(todo[number]).stem}-*.json"):
                old.unlink()
            kept[todo[number]].write_text(json.dumps(vars(answer.value)), encoding="utf-8")
        say(f"{done + 1} of {len(todo)} test files traced")
    found = {f: Traced(**json.loads(p.read_text())) for f, p in kept.items() if p.exists()}
    return joined(found.values(), [f for f in files if f not in found])


def joined(found: Iterable[Traced], broken: Sequence[str]) -> Reach:
    """One table of all tests from those of the files."""
    tests: list[str] = []
    cost: list[float] = []
    failed = list(broken)
    lines: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    imported: dict[str, set[int]] = defaultdict(set)
    for one in found:
        failed += one.failed
        bit = {-1: 0}
        for i, (test, spent, passed) in enumerate(
            zip(one.tests, one.cost, one.passed, strict=True)
        ):
            bit[i] = 1 << len(tests) if passed else 0
            if passed:
                tests.append(test)
                cost.append(spent)
        for path, by_line in one.lines.items():
            for line, numbers in by_line.items():
                for n in numbers:
                    lines[path][int(line)] |= bit[n]
                if -1 in numbers:
                    imported[path].add(int(line))
    return Reach(tests=tests, cost=cost, lines=lines, imported=imported, broken=failed)


def with_fault(path: Path, source: str) -> None:
    """From now on whoever imports this file gets this source; the file stays as it is."""
    whole = SourceFileLoader.get_code
    target = str(path)
    loaded = [m for m in list(sys.modules.values()) if getattr(m, "__file__", None) == target]
    if loaded:
        raise RuntimeError(f"{path} is imported already, and would stay without its fault")

    def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        if os.path.realpath(self.path) != target:
            return whole(self, fullname)
        code: CodeType = compile(source, target, "exec", dont_inherit=True)
        return code

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]


def seen(
    fault: Fault, near: Sequence[tuple[str, float]], more: Sequence[tuple[str, float]]
) -> tuple[str, int]:
    """In a fork: the test that fails with the fault (empty: none), and how many ran."""
    with_fault(ROOT / fault.mutant.path, fault.after)
    limit = cpu() + BUDGET
    spent = cpu() + min(BUDGET, sum(cost for _, cost in near)) + MORE
    within = [limit] * len(near) + [spent] * len(more)
    watch = Watch([*near, *more], within)
    if not watch.order:
        return "", 0
    files = dict.fromkeys(test.partition("::")[0] for test in watch.order)
    status = run_pytest([str(ROOT / f) for f in files], watch, "-x")
    ended = status in (pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED)
    return watch.failed or ("" if ended else f"pytest ended with {status}"), watch.ran


def judged(faults_: Sequence[Fault], reach_: Reach, jobs: int, until: float) -> list[Outcome]:
    """Runs every fault, in this order; those for which no time was left are not in the list."""
    plans = [_within_budget(*reach_.plan(fault)) for fault in faults_]
    tasks = [partial(seen, f, *plan) for f, plan in zip(faults_, plans, strict=True)]
    out: dict[int, Outcome] = {}
    for number, answer in forked(tasks, jobs, 20 * (BUDGET + MORE), until):
        state, test, ran = "timeout", "", 0
        if answer.value is not None:
            test, ran = answer.value
            state = "killed" if test else "survived"
        elif not answer.late and answer.status != NOTICED_LATE:
            state, test = "killed", f"the process ended ({answer.status})"
        near = len(plans[number][0])
        out[number] = Outcome(fault=faults_[number], state=state, test=test, ran=ran, reach=near)
        mutant = faults_[number].mutant
        share = f"{len(out)} of {len(faults_)}, {score(list(out.values())):.1f} % noticed"
        say(f"{share}; {mutant.path}:{mutant.line} {mutant.operator} {state}")
    return [out[i] for i in sorted(out)]


def _within_budget(
    near: list[tuple[str, float]], more: list[tuple[str, float]]
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Of each list what its budget can hold: no more is collected than could run."""

    def held(tests: list[tuple[str, float]], budget: float) -> list[tuple[str, float]]:
        out: list[tuple[str, float]] = []
        spent = 0.0
        for test, cost in tests:
            if out and spent > budget:
                break
            out.append((test, cost))
            spent += cost
        return out

    return held(near, BUDGET), held(more, MORE)


# --- the report


def score(outcomes: Sequence[Outcome]) -> float:
    """Killed of all, in percent; a fault that makes a test run without end is noticed too."""
    return 100.0 * sum(o.state != "survived" for o in outcomes) / max(1, len(outcomes))


def kind(operator: str) -> str:
    """What sort of fault an operator makes."""
    for start, name in (
        ("ReplaceComparisonOperator", "a comparison replaced"),
        ("ReplaceBinaryOperator", "an arithmetic operator replaced"),
        ("ReplaceUnaryOperator", "a sign or `not` replaced"),
        ("NumberReplacer", "a number one more or less"),
        ("ReplaceTrueWithFalse", "True and False exchanged"),
        ("ReplaceFalseWithTrue", "True and False exchanged"),
        ("ReplaceAndWithOr", "`and` and `or` exchanged"),
        ("ReplaceOrWithAnd", "`and` and `or` exchanged"),
        ("AddNot", "a condition negated"),
        ("ZeroIterationForLoop", "a loop left out"),
        ("RemoveDecorator", "a decorator taken away"),
        ("ExceptionReplacer", "an exception not caught"),
        ("ReplaceBreakWithContinue", "`break` and `continue` exchanged"),
        ("ReplaceContinueWithBreak", "`break` and `continue` exchanged"),
    ):
        if operator.startswith(start):
            return name
    return operator


def report(outcomes: Sequence[Outcome], reach_: Reach, not_run: int) -> str:
    """The whole report: by module, by group, and the survivors by kind."""
    out = [
        "",
        f"{'module':<44}{'mutants':>9}{'killed':>8}{'timeout':>9}{'survived':>10}{'score':>9}",
    ]
    by_path: dict[str, list[Outcome]] = defaultdict(list)
    by_group: dict[str, list[Outcome]] = defaultdict(list)
    for o in outcomes:
        by_path[str(Path(o.fault.mutant.path).relative_to(ENGINE))].append(o)
        by_group[o.fault.mutant.group].append(o)
    rows = [*sorted(by_path.items()), *((f"[{g}]", found) for g, found in sorted(by_group.items()))]
    for name, found in [*rows, ("all", list(outcomes))]:
        n = Counter(o.state for o in found)
        counts = f"{len(found):>9}{n['killed']:>8}{n['timeout']:>9}{n['survived']:>10}"
        out.append(f"{name:<44}{counts}{score(found):>8.1f}%")
    survivors = sorted(
        (o for o in outcomes if o.state == "survived"),
        key=lambda o: (kind(o.fault.mutant.operator), o.fault.mutant),
    )
    for name in sorted({kind(o.fault.mutant.operator) for o in survivors}):
        found = [o for o in survivors if kind(o.fault.mutant.operator) == name]
        out += ["", f"survived: {name} ({len(found)})"]
        for o in found:
            m = o.fault.mutant
            why = f"{o.ran} tests, {o.reach} reach it" if o.reach else "no test reaches it"
            out.append(f"  {m.path}:{m.line} {m.operator} ({why})")
            out += [f"    {line}" for line in o.fault.diff()]
    if reach_.broken:
        out += ["", "left out, since they do not pass without a fault:", *reach_.broken]
    if not_run:
        out += ["", f"{not_run} mutants were not run, since the time was up"]
    return "\n".join(out)


def say(line: str) -> None:
    """Progress: over itself where a person looks on, else line by line."""
    start, end = ("\r", "\033[K") if sys.stderr.isatty() else ("", "\n")
    print(f"{start}{line}{end}", end="", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws, runs, reports; 0 where the target is reached."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--modules", default="*", help="a pattern of module names")
    parser.add_argument("--tests", nargs="+", default=["*"], help="patterns of their paths")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--target", type=float, default=TARGET, help="killed, in percent")
    given = parser.parse_args(arguments)
    until = time.monotonic() + 60 * given.minutes
    found = modules(given.modules)
    if not found:
        print(f"mutants: no module is called {given.modules}", file=sys.stderr)
        return 64
    os.chdir(ROOT)
    for name in WARM:
        importlib.import_module(name)
    reach_ = measured(sorted(modules()), files_of_tests(given.tests), given.jobs)
    mutants = [m for path, group in sorted(found.items()) for m in listed(path, group)]
    chosen = faults(drawn(mutants, given.seed), given.count)
    begun = cpu()
    outcomes = judged(chosen, reach_, given.jobs, until)
    each = (cpu() - begun) / max(1, len(outcomes))
    print(report(outcomes, reach_, len(chosen) - len(outcomes)))
    print(f"\n{len(mutants)} mutants, {len(chosen)} drawn with seed {given.seed};", end=" ")
    print(f"{each:.1f} s of processor time each")
    done = len(outcomes) == len(chosen) and not reach_.broken
    return 0 if done and score(outcomes) >= given.target else 1


if __name__ == "__main__":
    sys.exit(main())

"""One scan of a folder: looks for signatures, takes the graphs that could matter, judges them once."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from openai_phi.declared.git_revisions import NoRevision, revision_of
from openai_phi.facts.one_engine import MoreThanOneEngine, refuse_two_engines
from openai_phi.finding.results import Result, result_of
from openai_phi.finding.rule import Rule
from openai_phi.finding.rule_files import load_rules
from openai_phi.gathering.graph_scan import read_files
from openai_phi.gathering.surroundings import Surroundings
from openai_phi.reading.disk.prefilter import CONFIGURATIONS, Look, look
from openai_phi.reading.terraform.proofs import Proofs
from openai_phi.scanning.memory import bounded_by
from openai_phi.text.error_words import said
from openai_phi.verdicts.analysis import Inputs
from openai_phi.words.found import Unread
from openai_phi.words.scan_input import FROM_FILES, JOURNAL_VARIABLE, FilesInput, context_of


class ScanBroken(Exception):
    """Nothing could be judged; the message names the cause."""


class NoSuchRule(Exception):
    """The rules that were asked for do not exist."""


@dataclass(frozen=True)
class Options:
    """What to scan and how. `everything` takes all graphs, whether their files speak or not."""

    folder: str
    frameworks: tuple[str, ...] = ()
    policy: str | None = None
    policy_required: bool = False
    trust_from: str | None = None
    today: str | None = None
    rules: tuple[str, ...] = ()
    everything: bool = False
    progress: Callable[[str], None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Gap:
    """Something that this scan did not do and no finding speaks of: what, and why."""

    subject: str
    reason: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}"


def scan_folder(options: Options) -> Result:
    """Scans a folder. Raises `ScanBroken` where nothing could be judged, `NoSuchRule` for unknown rules."""
    root = os.path.abspath(options.folder)
    with _environment(), _helm():
        _one_engine()
        around = _surroundings(options)
        rules, gaps = _rules(options.rules)
        options.progress("looking for signatures")
        seen = _looked(root, around)
        with bounded_by(os.path.join(root, f) for f in seen.files):
            collected, ran, lost = _collected(seen, options, around)
        gaps += lost
        if not seen.files:
            gaps.append(Gap("the folder", "it holds no file, so nothing was looked at"))
        options.progress("judging")
        notes = tuple(_notes(seen, ran, options))
        try:
            result = result_of(
                Path(root),
                collected,
                rules,
                ran,
                notes,
                sees_all=not (options.frameworks or options.rules or gaps),
            )
        except Exception as error:
            raise ScanBroken(said("judging stopped", error)) from error
    gaps += [Gap(r.rule.id, f"the rule raised {r.error}") for r in result.runs if r.error]
    return replace(result, gaps=tuple(map(str, gaps)))


def _one_engine() -> None:
    try:
        refuse_two_engines()
    except MoreThanOneEngine as error:
        raise ScanBroken(str(error)) from error


def _rules(wanted: Sequence[str]) -> tuple[tuple[Rule, ...], list[Gap]]:
    loaded = load_rules()
    gaps = [Gap("rule file " + b.partition(": ")[0], b.partition(": ")[2]) for b in loaded.broken]
    kept = tuple(
        r for r in loaded.rules if not wanted or any(fnmatch.fnmatch(r.id, w) for w in wanted)
    )
    if not loaded.rules:
        raise ScanBroken("no rule could be loaded: " + "; ".join(loaded.broken))
    if not kept:
        raise NoSuchRule(f"no rule fits {', '.join(wanted)}")
    return kept, gaps


def _surroundings(options: Options) -> Surroundings:
    try:
        given = context_of(
            os.environ,
            os.getcwd(),
            policy=options.policy,
            policy_required=options.policy_required,
            today=options.today,
            trust_from=options.trust_from,
        )
    except ValueError as error:
        raise ScanBroken(said("the day to judge on cannot be read", error)) from error
    if given.trust_from is not None:
        try:
            revision_of(options.folder, given.trust_from)
        except NoRevision as error:
            raise ScanBroken(f"the revision to trust cannot be had: {error}") from error
    return Surroundings(given)


def _looked(root: str, around: Surroundings) -> Look:
    try:
        return look(root, around.names(root))
    except Exception as error:
        raise ScanBroken(said("the signatures could not be loaded", error)) from error


def _collected(
    seen: Look, options: Options, around: Surroundings
) -> tuple[list[Inputs], list[str], list[Gap]]:
    """The inputs of every framework, those that ran, and what was not looked at."""
    if seen.silent and not options.everything:
        return [_declared(seen.root, around)], [], []
    options.progress("loading Checkov")
    from openai_phi.plugin import checkov_graphs

    asked = frozenset(options.frameworks) or frozenset({"all"})
    needed = seen.frameworks() if options.everything else seen.needed()
    taken: dict[str, checkov_graphs.Taken] = {}
    for framework in (*sorted(needed), *sorted(FROM_FILES)):
        if asked & {"all", framework}:
            options.progress(f"reading {framework}")
            way = checkov_graphs.take_files if framework in FROM_FILES else checkov_graphs.take
            taken[framework] = way(framework, seen.root, asked, around)
    gaps = [Gap(f, t.error) for f, t in taken.items() if t.error]
    gaps += [
        Gap(f"framework {f}", "left out by --framework, and its files could matter")
        for f in sorted(needed - set(taken))
    ]
    collected = [i for t in taken.values() for i in t.inputs]
    collected = collected or [_declared(seen.root, around)]
    return [*collected, *_unparsed(collected, taken)], sorted(taken), gaps


def _declared(root: str, around: Surroundings) -> Inputs:
    """What is declared for a folder, without any of its resources."""
    try:
        return read_files(FilesInput("yaml", root, ()), around)
    except Exception as error:
        raise ScanBroken(said("what judging needs could not be loaded", error)) from error


def _unparsed(collected: Sequence[Inputs], taken: dict[str, Any]) -> Iterator[Inputs]:
    """What Checkov could not parse and no stage speaks of: it carries no signature, and is listed."""
    known = {u.file for i in collected for u in i.unread}
    for name, each in taken.items():
        files = [f for f in each.unparsed if each.inputs]
        found = [Unread(f, f"does not parse ({name})", False) for f in files]
        left = [u for u in found if u.file not in known]
        if left:
            yield replace(each.inputs[0], resources=(), proofs=Proofs(), unread=left, mistakes=())


def _notes(seen: Look, ran: Sequence[str], options: Options) -> Iterator[str]:
    """What the reader of any report must know of how this scan was made."""
    if seen.silent and not options.everything:
        yield (
            f"None of the {len(seen.files)} files holds a word that OpenAI use or PHI could be declared "
            "with, so no graph was built."
        )
    elif not options.everything:
        silent = sorted(seen.frameworks() - seen.needed())
        if silent:
            yield f"No file of {', '.join(silent)} holds such a word, so its graph was not built."
    for folder in dict.fromkeys((seen.root, os.getcwd())):
        for name in CONFIGURATIONS:
            if os.path.isfile(os.path.join(folder, name)):
                where = name if folder == seen.root else "the working directory's " + name
                yield f"{where} configures Checkov; it was ignored and switches nothing off."
    for name in ("CKV_IGNORED_DIRECTORIES", "CKV_IGNORE_HIDDEN_DIRECTORIES"):
        if os.environ.get(name):
            yield f"{name} is set in the environment and decides which folders were read."
    if options.rules:
        yield f"Only these rules were run: {', '.join(options.rules)}."
    if options.frameworks:
        yield f"Only these frameworks were read: {', '.join(sorted(options.frameworks))}."


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Variables that Checkov and what it starts read, for the time of one scan."""
    before = dict(os.environ)
    os.environ.setdefault("LOG_LEVEL", "CRITICAL")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _helm() -> Iterator[None]:
    """helm on PATH within its limits; where none is installed and the SDK is, a stand-in for it."""
    from importlib.util import find_spec

    installed = shutil.which("helm")
    if installed is None and find_spec("helm_python") is None:
        yield
        return
    from openai_phi.reading.charts.helm_renderer import temporary_folder

    with temporary_folder(installed) as folder:  # the environment is put back by `_environment`
        os.environ["PATH"] = folder + os.pathsep + os.environ.get("PATH", "")
        if installed is None:
            os.environ[JOURNAL_VARIABLE] = os.path.join(folder, "journal.jsonl")
        yield


def judge(folder: str) -> Result:
    """The result of a scan of a folder, over all frameworks. Raises `ScanBroken`, also if anything lacks."""
    result = scan_folder(Options(folder))
    if result.gaps:
        raise ScanBroken("; ".join(result.gaps))
    return result

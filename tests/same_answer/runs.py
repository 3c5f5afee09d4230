"""Runs the driver in several surroundings, once a test session however many processes ask."""

from __future__ import annotations

import difflib
import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from characterize import ACCURACY, cases
from scan import ROOT

HERE = Path(__file__).resolve().parent
OWN = HERE / "cases"
SHUFFLED = HERE / "shuffled"
AT_ONCE = 2
_LOOPS = re.compile(
    r"\bmerge\(|\bfor_each\b|\bdynamic \"|[\[{]\s*for |\bcount\s*=|\{\{-? *range|copyIndex|Fn::ForEach"
)
_CALLS = re.compile(r"^module \"", re.MULTILINE)


@dataclass(frozen=True)
class Way:
    """How a process is started: its hash seed, and what else of its surroundings differs."""

    seed: int
    env: Mapping[str, str] = field(default_factory=dict)
    elsewhere: bool = False
    shuffle: str = ""

    @property
    def name(self) -> str:
        """A word for it that can be a folder's name."""
        env = [f"{k}={v}" for k, v in self.env.items()]
        more = [
            *(["elsewhere"] if self.elsewhere else []),
            *([self.shuffle] if self.shuffle else []),
        ]
        return re.sub(r"[^\w=.]", "-", "_".join((str(self.seed), *env, *more)))

    def environment(self) -> dict[str, str]:
        """The variables of the process."""
        path = [str(SHUFFLED)] if self.shuffle else []
        paths = os.pathsep.join(p for p in (*path, os.environ.get("PYTHONPATH", "")) if p)
        out = {**os.environ, **self.env, "PYTHONHASHSEED": str(self.seed), "PYTHONPATH": paths}
        return {**out, "OPENAI_PHI_SHUFFLE": self.shuffle, "PYTHONUTF8": "0"}


@dataclass(frozen=True)
class Asked:
    """What each process says of which folders."""

    cases: Mapping[str, Path]
    formats: Sequence[str] | None = None
    plain: bool = False
    everything: bool = False
    handles: bool = True
    """Whether the number of the vertex is told; where folders are listed in another order, it is another."""


def own() -> dict[str, Path]:
    """The cases that stand beside this module."""
    return {f"own-{p.name}": p for p in sorted(OWN.iterdir()) if p.is_dir()}


@lru_cache(maxsize=1)
def turning() -> dict[str, Path]:
    """Our own cases, and of the others those with merges, loops, or several callers of a module."""
    whole = {**own(), **cases()}
    return {n: p for n, p in whole.items() if p != ACCURACY and (n.startswith("own-") or _turns(p))}


def _turns(folder: Path) -> bool:
    texts = [
        p.read_text(encoding="utf-8", errors="replace")
        for p in folder.rglob("*")
        if p.is_file() and p.suffix in (".tf", ".yaml", ".yml", ".json", ".tpl", ".bicep")
    ]
    return any(map(_LOOPS.search, texts)) or sum(len(_CALLS.findall(t)) for t in texts) > 1


def answers(
    shared: Path, name: str, asked: Asked, ways: Sequence[Way]
) -> dict[str, Callable[[str], str]]:
    """Way -> what was said of a case, by its name. Raises CalledProcessError."""
    folder = shared / name
    with _once(folder) as first:
        if first:
            order = {
                "cases": {n: str(p) for n, p in asked.cases.items()},
                "formats": asked.formats,
                "plain": asked.plain,
                "everything": asked.everything,
                "handles": asked.handles,
            }
            (folder / "asked.json").write_text(json.dumps(order), encoding="utf-8")
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(lambda way: _run(folder, way), ways))
    return {w.name: partial(_read, folder / w.name) for w in ways}


def _read(folder: Path, case: str) -> str:
    return (folder / f"{case}.txt").read_text(encoding="utf-8")


def _run(folder: Path, way: Way) -> None:
    command = [sys.executable, str(HERE / "driver.py"), str(folder / way.name)]
    subprocess.run(
        [*command, str(folder / "asked.json")],
        cwd=folder if way.elsewhere else ROOT,
        env=way.environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def _once(folder: Path) -> Iterator[bool]:
    """Whether this process is the first to come here; the others wait until it is done."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        yield not done.exists()
        done.touch()


def differences(said: Mapping[str, str], shown: int = 30) -> dict[str, str]:
    """Way -> how its text differs from the first way's, as far as one wants to read."""
    (first, text), *others = said.items()
    out = {}
    for way, other in others:
        if other != text:
            lines = difflib.unified_diff(
                text.splitlines(), other.splitlines(), first, way, "", "", 0, ""
            )
            out[way] = "\n".join(line[:300] for line in list(lines)[:shown])
    return out


def found(text: str) -> list[str]:
    """The findings of a text as `rule resource`, sorted."""
    part = text.partition("######## findings\n")[2].partition("\n######## ")[0]
    return sorted(line for line in part.splitlines() if line and not line.startswith(" "))

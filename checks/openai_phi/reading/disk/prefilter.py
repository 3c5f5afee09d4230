"""Reads the files of a folder for signatures, to tell which frameworks could matter before Checkov is loaded."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from openai_phi.facts.escapes import unescaped
from openai_phi.facts.signatures import Signatures
from openai_phi.reading.charts.values_places import gives_values, in_values_folder
from openai_phi.reading.disk.skips import WORD
from openai_phi.reading.manifests.kustomizations import NAMES as KUSTOMIZATIONS
from openai_phi.text.documents import base64_texts, decoded, encoded_texts

GRAPHS = ("terraform", "kubernetes", "helm", "kustomize")
"""The frameworks that Checkov makes a graph of; a framework without one reads its files itself."""
TERRAFORM = (".tf", ".hcl", ".tofu", ".tfvars", ".tf.json", ".tofu.json", ".tfvars.json")
MANIFESTS = (".yaml", ".yml", ".json")
CODE = re.compile(
    r"\.(bash|c|cc|cpp|cs|css|go|h|hpp|html?|ipynb|java|jsx?|kt|lua|md|mjs|mod|php|py|rb|rs|rst|scala"
    r"|scss|sql|sum|svg|swift|tsx?|vue|xml)$"
)
"""Endings of files that no framework reads by itself, but only where another file names them."""
DECLARATIONS = ("openai-policy.yaml", "openai-compliance.yaml")
CONFIGURATIONS = (".checkov.yaml", ".checkov.yml", ".checkov.baseline")
_MOST = 20_000_000
_ESCAPED = re.compile(
    r"\\(?:u00[4-7][0-9a-fA-F]|x[4-7][0-9a-fA-F]|U000000[4-7][0-9a-fA-F]|u\{0{0,6}[4-7][0-9a-fA-F]\})"
)
_SECRET = re.compile(r"kind[\"']?\s*:\s*[\"']?Secret\b|\bbinaryData\b|\"planned_values\"")
_KEY = re.compile(r"(?<![A-Za-z0-9])sk-|\\[nrt]sk-")
_READS = re.compile(r"\b(file|templatefile|filebase64|fileset)\(")
_PLANS = re.compile(r"\bTF_VAR_|(?<![\w-])--?var(?:-file)?[ =]")
_SOURCE = re.compile(r"\bsource\"?\s*[=:]\s*\"(\.\.?/[^\"]*|/[^\"]*)\"")
_REMOTE = re.compile(r"://|github\.com|git@|\?ref=")
_INSIDE = re.compile(
    r"(?i)://(?:[^@/\s\"']*@)?[a-z0-9-]+(?:\.(?!(?:com|net|org)\b)[a-z0-9-]+)?(?![a-z0-9.-])|\.svc\b"
)
_UP = re.compile(r"[\"'\s](\.\./[^\s\"']*)")


@dataclass
class Look:
    """What the files of a folder say before anything is parsed.

    `speaking` are files whose text could matter (relative paths); `outside` those that draw in what
    lies elsewhere, which was not looked at.
    """

    root: str
    files: list[str] = field(default_factory=list)
    speaking: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    beside: set[str] = field(default_factory=set)
    """Files that matter only beside one that speaks: who else gets the content, how it travels."""
    reading: bool = False
    """Whether some Terraform file reads other files into its values."""
    planning: bool = False
    """Whether some file gives values to Terraform on a command line or in an environment."""
    callers: set[str] = field(default_factory=set)
    """Files that could matter and call a host of the same cluster, which any manifest may tell of."""
    objects: set[str] = field(default_factory=set)
    """Files that could hold an object of Kubernetes."""
    deployers: set[str] = field(default_factory=set)
    """Files that may say with which values a chart is deployed, or hold such values."""
    kustomizations: list[str] = field(default_factory=list)
    """The texts of kustomizations."""

    @property
    def silent(self) -> bool:
        """Whether nothing here could matter to any framework."""
        return not self.speaking and not self.outside

    def frameworks(self) -> frozenset[str]:
        """The frameworks with a graph that have files here."""
        names = {os.path.basename(f) for f in self.files}
        have = {
            "terraform": any(f.endswith((".tf", ".hcl", ".tofu")) for f in self.files),
            "kubernetes": any(f.endswith(MANIFESTS) for f in self.files),
            "helm": "Chart.yaml" in names,
            "kustomize": bool(names & set(KUSTOMIZATIONS)),
        }
        return frozenset(name for name, there in have.items() if there)

    def needed(self) -> frozenset[str]:
        """Those of them whose graph could hold something that matters; of each all files or none."""
        charts = [os.path.dirname(f) for f in self.files if os.path.basename(f) == "Chart.yaml"]
        heard = self.speaking | self.outside
        heard = {f for f in heard | (self.beside if heard else set()) if self._taken_in(f, charts)}
        inside = any(self._taken_in(f, charts) for f in self.callers)
        spoken = any(f.endswith(TERRAFORM) for f in heard) or (
            (self.reading or self.planning) and bool(heard)
        )
        own = {
            f
            for f in heard & self.objects
            if f.endswith(MANIFESTS) and os.path.basename(f) not in KUSTOMIZATIONS
        }
        could = {
            "terraform": spoken,
            "kubernetes": inside or bool(own),
            "helm": inside
            or any(_below(f, c) for c in charts for f in heard)
            or bool(heard and self.deployers),
            "kustomize": bool(heard),
        }
        return frozenset(f for f in self.frameworks() if could.get(f, True))

    def _taken_in(self, file: str, charts: Iterable[str]) -> bool:
        """Whether a graph may hold a file's text: code and prose only where another file may name it."""
        base = os.path.basename(file)
        return (
            not CODE.search(base)
            or self.reading
            or any(_below(file, c) for c in charts)
            or any(base in text for text in self.kustomizations)
        )


def look(root: str, names: Signatures) -> Look:
    """Reads every file below a folder once. What cannot be read, or not as text, could matter."""
    out = Look(os.path.abspath(root))
    for path in _files(out.root):
        shown = os.path.relpath(path, out.root).replace(os.sep, "/")
        base = os.path.basename(path)
        out.files.append(shown)
        if base in DECLARATIONS or _speaks(path, base, names, out, shown):
            out.speaking.add(shown)
    out.outside.update(os.path.relpath(p, out.root).replace(os.sep, "/") for p in _links(out.root))
    return out


def _files(root: str) -> Iterator[str]:
    for base, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f != ".git")
        yield from (os.path.join(base, name) for name in sorted(files))


def _links(root: str) -> Iterator[str]:
    """Folders below a root that are links to what lies outside of it."""
    home = os.path.realpath(root)
    for base, folders, _ in os.walk(root):
        folders[:] = sorted(f for f in folders if f != ".git")
        for path in (os.path.join(base, f) for f in folders):
            if os.path.islink(path) and not _below(os.path.realpath(path), home):
                yield path


def _speaks(path: str, base: str, names: Signatures, out: Look, shown: str) -> bool:
    if not os.path.isfile(path):
        return False  # a pipe, a device, a link that leads nowhere: it holds no text
    raw: bytes | None = None
    try:
        with open(path, "rb") as handle:
            raw = handle.read(_MOST + 1)
    except OSError:
        pass  # it could hold anything
    packed = path.endswith((".tgz", ".tar.gz")) and "/charts/" in f"/{shown}"
    if raw is None or len(raw) > _MOST or packed:
        out.objects.add(shown)
        return True
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and b"\0" in raw[:1024] and not base.lower().endswith((*MANIFESTS, *TERRAFORM)):
        return False
    text = decoded(raw)
    if _draws_in(text, path, base, out):
        out.outside.add(shown)
    out.planning = out.planning or _PLANS.search(text) is not None
    if gives_values(text, shown) or in_values_folder(shown):
        out.deployers.add(shown)
    speaks = (
        names.speaks(text) or _KEY.search(text) is not None or WORD in text or _hidden(text, names)
    )
    if names.concerns(text):
        out.beside.add(shown)
    if speaks and _INSIDE.search(text) is not None:
        out.callers.add(shown)
    if unescaped(text) is not text or ("apiVersion" in text and "kind" in text):
        out.objects.add(shown)
    return speaks


def _hidden(text: str, names: Signatures) -> bool:
    """Whether a text holds letters in a form that is read as others: escapes, an object's base64."""
    if _ESCAPED.search(text):
        return True
    if _SECRET.search(text) is not None and any(map(names.speaks, base64_texts(text))):
        return True
    return any(map(names.speaks, encoded_texts(text)))


def _draws_in(text: str, path: str, base: str, out: Look) -> bool:
    """Whether a file takes in what lies outside of the folder, which nobody looked at."""
    if base == "Chart.yaml":
        return "repository:" in text
    if base in KUSTOMIZATIONS:
        out.kustomizations.append(text)
        return _REMOTE.search(text) is not None or _leaves(_UP.findall(text), path, out)
    if path.endswith((".tf", ".tofu", ".tf.json", ".tofu.json")):
        out.reading = out.reading or _READS.search(text) is not None
        return _leaves(_SOURCE.findall(text), path, out)
    return False


def _leaves(paths: Iterable[str], path: str, out: Look) -> bool:
    folder = os.path.dirname(path)
    ends = (os.path.normpath(os.path.join(folder, p)) for p in paths)
    return any(not _below(e, out.root) for e in ends)


def _below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(folder.rstrip("/") + "/")

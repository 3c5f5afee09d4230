"""Reader of whole files: which format a file has, and its parts as resources; no Checkov graph needed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from openai_phi.facts.signatures import Signatures
from openai_phi.reading.bicep_arm import azure_templates
from openai_phi.reading.bicep_arm.bicep_modules import BicepModules
from openai_phi.reading.charts import release_files, values_files
from openai_phi.reading.charts.variants import distinct, with_twins
from openai_phi.reading.templates import (
    ansible_files,
    cloud_templates,
    compose_files,
    serverless_files,
    workflow_files,
)
from openai_phi.reading.templates.file_parts import Beside, File, Part, malformed, resource_of
from openai_phi.reading.terraform import plan_files
from openai_phi.text.documents import (
    MAX_TEXT,
    Document,
    Unreadable,
    base64_texts,
    encoded_texts,
    read_file,
)
from openai_phi.text.file_forms import DATA, ENDINGS
from openai_phi.words.found import Unread
from openai_phi.words.resources import Resource

TextOf = Callable[[str], "str | None"]


@dataclass(frozen=True)
class Format:
    """A form of file: what Checkov calls its framework, how it is told, and its parts."""

    name: str
    framework: str
    fits: Callable[[str, str], bool]
    read: Callable[[str, str, str, Beside], tuple[Document, list[Part]]]
    """(text, file, shown path, the files beside it) -> document and parts. Raises `Unreadable`."""
    scope: Callable[[str], str] = lambda shown: shown
    """What joins its parts with those of other files; by itself, each file is its own."""
    takes: Callable[[str, Beside], Iterable[str]] = lambda file, beside: ()
    """(file, the files beside it) -> those that may say what it leaves open."""
    mappings: tuple[str, ...] = ()
    """Keys at its top that hold mappings of mappings."""


def _of_document(
    parts: Callable[[Document, str, str, Beside], Iterable[Part]],
) -> Callable[..., tuple[Document, list[Part]]]:
    def read(text: str, file: str, shown: str, beside: Beside) -> tuple[Document, list[Part]]:
        documents = [d for d in read_file(text, file) if d.data is not None]
        found = [p for d in documents[:1] for p in parts(d, file, shown, beside)]
        return (documents or [Document(None)])[0], found

    return read


def _values_parts(document: Document, file: str, shown: str, _: Beside) -> Iterable[Part]:
    if not isinstance(document.data, dict):
        what = "a list" if isinstance(document.data, list) else "a single value"
        raise Unreadable(f"is {what}, not a mapping of values")
    return (
        replace(p, id=shown, name=os.path.basename(shown))
        for p in values_files.parts(document, "helm_values")
    )


def _configuration_parts(document: Document, file: str, shown: str, _: Beside) -> Iterable[Part]:
    return (
        replace(p, id=shown, name=os.path.basename(shown))
        for p in values_files.parts(document, "configuration_file")
    )


FORMATS = (
    Format(
        "terraform plan", "terraform_plan", plan_files.fits, lambda t, *_: plan_files.read_plan(t)
    ),
    Format(
        "arm",
        "arm",
        azure_templates.is_arm,
        _of_document(azure_templates.arm_parts),
        takes=azure_templates.takes_in,
    ),
    Format(
        "bicep", "bicep", azure_templates.is_bicep, lambda t, *_: azure_templates.bicep_document(t)
    ),
    Format(
        "github actions",
        "github_actions",
        workflow_files.fits,
        _of_document(workflow_files.parts),
        takes=workflow_files.takes_in,
        mappings=("jobs",),
    ),
    Format(
        "ansible",
        "ansible",
        ansible_files.fits,
        _of_document(ansible_files.parts),
        ansible_files.scope,
    ),
    Format(
        "compose",
        "yaml",
        compose_files.fits,
        compose_files.read,
        mappings=("services",),
    ),
    Format(
        "serverless",
        "yaml",
        serverless_files.fits,
        serverless_files.read,
        takes=serverless_files.takes_in,
        mappings=("functions",),
    ),
    Format(
        "cloudformation",
        "cloudformation",
        cloud_templates.is_template,
        cloud_templates.read_template,
        mappings=("Resources",),
        takes=cloud_templates.takes_in,
    ),
    Format("releases", "yaml", release_files.fits, _of_document(release_files.parts)),
    Format("helm values", "yaml", values_files.is_values, _of_document(_values_parts)),
    Format(
        "configuration", "yaml", values_files.is_configuration, _of_document(_configuration_parts)
    ),
)
_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
_CONTENT = re.compile(r"^(?!---|%)\s*[^\s#]", re.MULTILINE)
FRAMEWORKS = frozenset(f.framework for f in FORMATS)
_ALWAYS = frozenset({"compose", "ansible", "releases"})
"""Formats that refer to other files, which alone may say what matters."""
_BY_ITSELF = frozenset({"configuration_file", "helm_values"})
"""Types of files that are nothing by themselves where something takes them in."""
_OPEN = frozenset({"cloudformation", "arm", "yaml", "github_actions"})
"""Frameworks some of whose formats take in files that may say what matters."""
_HEARD_ELSEWHERE = frozenset(f.framework for f in FORMATS if f.name in _ALWAYS)


@dataclass
class FileReading:
    """What the reader gives: resources, what it could not read, and the files it knows the form of."""

    resources: list[Resource] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    files: set[str] = field(default_factory=set)


class FileReader:
    """Reads the files of the formats of one framework."""

    def __init__(self, root: str, names: Signatures, text_of: TextOf) -> None:
        self._root = os.path.abspath(root)
        self._names = names
        self._text_of = text_of
        self._beside = Beside(self._root, text_of, (), names.concerns)

    def read(
        self, framework: str, files: Iterable[str], *, leave: Collection[str] = ()
    ) -> FileReading:
        """Every file of this framework's formats; `leave` names formats to leave out."""
        out = FileReading()
        files = list(files)
        self._beside = Beside(self._root, self._text_of, tuple(files), self._names.concerns)
        if framework == "bicep":
            self._read_bicep([f for f in files if f.endswith(".bicep")], out)
            return out
        for file in files:
            form = self._format(file, framework)
            if form is not None and form.framework == framework and form.name not in leave:
                self.read_one(form, file, out)
        taken = {self._shown(f) for f in self._beside.taken}
        out.resources = [
            r for r in out.resources if r.type not in _BY_ITSELF or r.file not in taken
        ]
        return out

    def values(self, files: Iterable[str]) -> FileReading:
        """Values files alone, of charts that nothing rendered."""
        out = FileReading()
        for file in files:
            form = self._format(file, "yaml")
            if form is not None and form.name == "helm values" and file not in self._beside.taken:
                self.read_one(form, file, out)
        return out

    def _format(self, file: str, framework: str) -> Format | None:
        if not file.endswith(ENDINGS.get(framework, DATA)):
            return None
        text = self._text_of(file)
        if text is None:
            return None
        heard = framework in _HEARD_ELSEWHERE or self._speaks(text)
        if not heard and framework not in _OPEN:
            return None
        form = next((f for f in FORMATS if f.fits(file, text)), None)
        return form if heard or (form and self._hears(form, file)) else None

    def _hears(self, form: Format, file: str) -> bool:
        """Whether a file that a form takes in could matter, where its own does not."""
        found = (self._beside(f) for f in form.takes(file, self._beside))
        return any(self._speaks(text) for text in found if text)

    def _speaks(self, text: str) -> bool:
        """Whether a text could matter, or what it holds as base64."""
        if self._names.speaks(text):
            return True
        if plan_files.is_plan(text) and any(map(self._names.speaks, base64_texts(text))):
            return True
        return any(map(self._names.speaks, encoded_texts(text)))

    def read_one(self, form: Format, file: str, out: FileReading) -> None:
        """One file of a known format into `out`."""
        text = self._text_of(file) or ""
        shown = self._shown(file)
        out.files.add(file)
        if not self._speaks(text) and form.name not in _ALWAYS and not self._hears(form, file):
            return
        try:
            if len(text) >= MAX_TEXT:
                raise Unreadable(f"is longer than {MAX_TEXT // 1_000_000} MB")
            document, parts = form.read(text, file, shown, self._beside)
        except Unreadable as error:
            out.unread.append(self._unreadable(file, error))
            return
        for key in form.mappings:
            for why, line, sign in malformed(document, key, self._names):
                out.unread.append(Unread(shown, why, True, sign, line))
        out.unread += self._later(shown, text)
        holder = File(shown, form.framework, document, form.scope(shown))
        found = [resource_of(holder, part, self._names, out.unread) for part in parts]
        alone, varied = [r for r in found if not r.variant], [r for r in found if r.variant]
        out.resources += [*with_twins(alone, varied), *distinct(alone, varied)]

    def _read_bicep(self, files: Iterable[str], out: FileReading) -> None:
        """Bicep files with the modules that they call; one that is called is not read by itself."""
        texts = {f: text for f in files if (text := self._text_of(f)) is not None}
        modules = BicepModules(texts, self._shown, self._beside)
        beside = {f for file in texts for f in modules.within(file)} - set(texts)
        others = {f: text for f in sorted(beside) if (text := self._beside(f)) is not None}
        speaking = {f for f, text in (*texts.items(), *others.items()) if self._speaks(text)}
        for file in modules.order():
            if file in out.files or not speaking & modules.within(file):
                continue
            out.files.add(file)
            try:
                instances, seen = modules.read(file)
            except Unreadable as error:
                out.unread.append(self._unreadable(file, error))
                continue
            out.files |= seen
            made: list[Resource] = []
            for found in instances:
                holder = File(found.file, "bicep", found.document, self._shown(file))
                made += (resource_of(holder, p, self._names, out.unread) for p in found.parts)
            alone, varied = [r for r in made if not r.variant], [r for r in made if r.variant]
            out.resources += [*with_twins(alone, varied), *distinct(alone, varied)]

    def _shown(self, file: str) -> str:
        return os.path.relpath(file, self._root).replace(os.sep, "/")

    def _unreadable(self, file: str, error: Unreadable) -> Unread:
        """A file that could not be read, and whether it matters."""
        text = self._text_of(file) or ""
        word = self._names.openai_word(text)
        matters = bool(word) or len(text) >= MAX_TEXT
        return Unread(self._shown(file), error.reason, matters, word, error.line)

    def _later(self, shown: str, text: str) -> list[Unread]:
        """Documents after the first, which these forms do not have: what speaks in them is not read."""
        if not shown.endswith((".yaml", ".yml", ".template")) or "\n---" not in text:
            return []
        marks = [m.start() for m in _DOCUMENT.finditer(text)]
        said = [m for m in marks if _CONTENT.search(text[:m])]
        rest = _COMMENT.sub("", text[said[0] :]) if said else ""
        word = self._names.openai_word(rest)
        reason = "holds more than one document, and only the first is read"
        line = text.count("\n", 0, said[0]) + 1 if said else 1
        return [Unread(shown, reason, True, word, line)] if word else []

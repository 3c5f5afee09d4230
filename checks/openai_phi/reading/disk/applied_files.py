"""Files that commands of the repository apply and that no framework is given, whatever their ending or folder."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from openai_phi.reading.disk.unread import Disk, is_manifest
from openai_phi.reading.disk.written_commands import Command, Scripts
from openai_phi.reading.templates.cloud_templates import ENDINGS as TEMPLATES
from openai_phi.words.found import Unread

_GIVEN = (".yaml", ".yml", ".json", ".tf", ".tofu", ".bicep", *TEMPLATES)
"""The endings of what frameworks are given."""
_APPLY = ("kubectl|oc", "apply|create|replace")
_FILL = ("jsonnet|cue|ytt|envsubst|gomplate|cat|sed|tk|kubecfg", r"(?:<\s*)?[\w./$%{(\"'-]+")
"""Programs that write out manifests from a file, for what is piped into the other."""
_DEPLOY: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (*_APPLY, ("-f", "--filename")),
    ("docker-compose|podman-compose", "up|run|create|config", ("-f", "--file")),
    ("docker|podman", "compose", ("-f", "--file")),
    ("docker", "stack", ("-c", "--compose-file")),
    ("aws", "cloudformation", ("--template-file", "--template-body")),
    ("sam", "deploy|build|package", ("-t", "--template", "--template-file")),
    ("az", "deployment|stack", ("-f", "--template-file")),
    ("serverless|sls", "deploy", ("-c", "--config")),
    ("ansible-playbook", r"[\w./$%{(\"'-]+", ()),
    ("nomad", "job|run", ()),
    ("pulumi|cdktf|copilot|waypoint|kapp|timoni|holos", "up|deploy|apply", ("-f", "--file")),
)
"""Programs that deploy, their verbs, and the flags that name a file; with none each word may be one."""


def applied_aside(disk: Disk, files: Collection[str]) -> Iterator[Unread]:
    """Each file that a command applies and nothing reads, where its text could matter."""
    scripts = Scripts(disk.root)
    for file, command in sorted(_applied(scripts), key=lambda found: found[0]):
        if _is_read(disk, file, files) or not file.startswith(disk.root + os.sep):
            continue
        word = disk.signature_beside(disk.text(file) or "", (*files, file))
        if word:
            where = f"{disk.shown(command.file)}:{command.line}"
            reason = f"{where} applies it, and no framework reads it"
            yield Unread(disk.shown(file), reason, True, word)


def _applied(scripts: Scripts) -> Iterator[tuple[str, Command]]:
    seen: set[str] = set()
    for program, verbs, flags in _DEPLOY:
        for command in scripts.commands(program, verbs):
            words = command.values(*flags) if flags else iter(command.words)
            for given in words:
                yield from _new(seen, command, given.removeprefix("file://").split(","))
    piped = {(c.file, c.line) for c in scripts.commands(*_APPLY) if "-" in c.values("-f")}
    for command in scripts.commands(*_FILL) if piped else ():
        if (command.file, command.line) in piped:
            yield from _new(seen, command, [w for w in command.words if not w.startswith("-")])


def applied_within(disk: Disk, files: Collection[str]) -> Iterator[Unread]:
    """Scripts that apply a manifest which stands in themselves."""
    for command in Scripts(disk.root).commands(*_APPLY):
        if "-" not in command.values("-f", "--filename") or command.file.endswith(_GIVEN):
            continue
        text = disk.text(command.file) or ""
        word = disk.signature_beside(text, (*files, command.file)) if is_manifest(text) else ""
        if word:
            reason = "it applies a manifest that stands in it, which no framework reads"
            yield Unread(disk.shown(command.file), reason, True, word, command.line)


def _new(seen: set[str], command: Command, words: list[str]) -> Iterator[tuple[str, Command]]:
    for file in (f for word in words for f in _files(command, word)):
        if file not in seen:
            seen.add(file)
            yield file, command


def _files(command: Command, word: str) -> Iterator[str]:
    """The file that a word names, or those of the folder: of that only what has an ending of manifests."""
    for folder in command.folders:
        path = os.path.normpath(os.path.join(folder, word))
        if os.path.isfile(path):
            yield path
            return
        if os.path.isdir(path) and word not in (".", "./"):
            names = (os.path.join(path, name) for name in sorted(os.listdir(path)))
            yield from (n for n in names if n.endswith(_GIVEN[:3]) and os.path.isfile(n))
            return


def _is_read(disk: Disk, file: str, files: Collection[str]) -> bool:
    hidden = any(step.startswith(".") for step in disk.shown(file).split("/"))
    return file in files and file.endswith(_GIVEN) and not hidden

"""Deployments in files that no framework is given: hidden ones, templates, other endings, behind links."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator

from openai_phi.reading.charts import values_files
from openai_phi.reading.disk.unread import Disk, is_manifest
from openai_phi.reading.templates import cloud_templates, compose_files, serverless_files
from openai_phi.words.found import Unread

_READ = (".yaml", ".yml", ".json")
_TERRAFORM = (".tf", ".tofu")
_ENDING = re.compile(r"\.(ya?ml|json)(\.(?P<kind>j2|jinja2?|tpl|tmpl|template|tftpl|gotmpl|erb))?$")
_HANDS_ON = re.compile(
    r"^\s*(inputs\s*=|terraform\s*\{|include\s|component\s+\"|unit\s+\")", re.MULTILINE
)
"""What a file that hands values to Terraform modules holds: Terragrunt's, or a stack's."""
_PULUMI = re.compile(r"pulumi\.ya?ml", re.IGNORECASE)
_PROGRAM = re.compile(r"^resources\s*:", re.MULTILINE)
_BLOCK = re.compile(r"^\s*(resource|module|provider)\s+\"", re.MULTILINE)
_FORMS = (
    compose_files.fits,
    serverless_files.fits,
    cloud_templates.is_template,
    values_files.is_values,
)


def left_aside(disk: Disk, files: Collection[str], aside: Collection[str]) -> Iterator[Unread]:
    """Of `files`, which frameworks are given, those that none takes; of `aside` all that deploys."""
    for file in sorted({*files, *aside}):
        given = file in files and not _leads_out(file, disk.root)
        reason = _why(disk.shown(file), given)
        if not reason or (given and _in_chart(file, disk.root)):
            continue
        text = disk.text(file) or ""
        if not disk.signature(text) or not _deploys(file.lower(), text):
            continue
        signature = disk.signature_beside(text, (*files, *aside))
        if signature and not _drawn_in(disk, file, files):
            yield Unread(disk.shown(file), reason, True, signature)


def _leads_out(file: str, root: str) -> bool:
    """Whether a file is a link to what lies outside of a folder: nothing says that it is what is deployed.

    Checkov follows it, so what it holds is judged as well.
    """
    home = os.path.realpath(root)
    return os.path.islink(file) and not os.path.realpath(file).startswith(home + os.sep)


def _why(shown: str, given: bool) -> str:
    """Why no framework takes a file; empty if one does, or if it is no form of deployment."""
    ending = _ENDING.search(shown.lower())
    if not ending and not shown.endswith((*_TERRAFORM, ".hcl")):
        return ""
    if any(step.startswith(".") for step in shown.split("/")):
        return "hidden files and folders are not read"
    if given and _PULUMI.fullmatch(os.path.basename(shown)):
        return "programs of Pulumi are not read"
    if not given:
        return "it lies behind a link that leads out of the folder"
    if shown.endswith(".hcl"):
        return "what it hands to Terraform modules is not followed"
    if ending and ending["kind"]:
        return "it is a template that nothing here fills in"
    return "" if shown.endswith((*_READ, *_TERRAFORM)) else "its ending is not in lower case"


def _deploys(file: str, text: str) -> bool:
    if file.endswith(".hcl"):
        return _HANDS_ON.search(text) is not None
    if _PULUMI.fullmatch(os.path.basename(file)):
        return _PROGRAM.search(text) is not None
    if file.endswith(_TERRAFORM):
        return _BLOCK.search(text) is not None
    ending = _ENDING.search(file)
    plain = file[: ending.start("kind") - 1] if ending and ending["kind"] else file
    return is_manifest(text) or any(fits(plain, text) for fits in _FORMS)


def _in_chart(file: str, root: str) -> bool:
    """Whether a file belongs to a chart, whose templates may take it in."""
    folder = os.path.dirname(file)
    while folder.startswith(root):
        if os.path.isfile(os.path.join(folder, "Chart.yaml")):
            return True
        folder = os.path.dirname(folder)
    return False


def _drawn_in(disk: Disk, file: str, files: Collection[str]) -> bool:
    """Whether Terraform names a template: it reads and fills it in itself."""
    name = os.path.basename(file)
    return any(f.endswith(_TERRAFORM) and name in (disk.text(f) or "") for f in files)

"""Where values of a chart may be written, told by names and words alone. Light to import."""

from __future__ import annotations

import os
import re

from openai_phi.text.file_forms import TERRAFORM

RELEASE = "helm_release"
HELMFILE = re.compile(r"helmfile[\w.-]*\.ya?ml(\.gotmpl)?$")
SKAFFOLD = re.compile(r"skaffold[\w.-]*\.ya?ml$")
INSTALLS = re.compile(r"\bhelm\b[^\n]{0,300}?\s(?:upgrade|install|template)\b")
_FOLDERS = ("env", "envs", "environment", "environments", "values", "helm-values")
HELM_MODULES = ("kubernetes.core.helm", "community.kubernetes.helm", "helm")
"""What Ansible calls the module that installs a chart."""
_OTHERS = re.compile(
    r"^\s*-?\s*(?:helmCharts|kubernetes\.core\.helm|community\.kubernetes\.helm)\s*:", re.M
)
_GIVES = re.compile(r"\bkind\s*:\s*[\"']?(?:Application|ApplicationSet|HelmRelease)\b")


def gives_values(text: str, file: str) -> bool:
    """Whether a file may say what a chart of the repository is deployed with, by its words."""
    if file.endswith(TERRAFORM):
        return RELEASE in text
    if "helm" in text and INSTALLS.search(text) is not None:
        return True
    if not file.endswith((".yaml", ".yml", ".gotmpl")):
        return False
    if SKAFFOLD.fullmatch(os.path.basename(file)) and "helm" in text:
        return True
    if is_helmfile(file) or _OTHERS.search(text) is not None:
        return True
    return ("argoproj.io" in text or "fluxcd.io" in text) and _GIVES.search(text) is not None


def is_helmfile(file: str) -> bool:
    """Whether a file is a helmfile, by its name or as one of a folder of them."""
    folder = os.path.basename(os.path.dirname(file))
    base = os.path.basename(file)
    listed = folder == "helmfile.d" and base.endswith((".yaml", ".yml", ".yaml.gotmpl"))
    return listed or HELMFILE.fullmatch(base) is not None


def in_values_folder(file: str) -> bool:
    """Whether a file lies in a folder whose name says that it holds values of charts."""
    folders = file.replace(os.sep, "/").split("/")[:-1]
    return file.endswith((".yaml", ".yml")) and any(f in _FOLDERS for f in folders[-3:])

"""Which files could be of a framework without a graph, by ending and words: told without its reader."""

from __future__ import annotations

from collections.abc import Iterable

from openai_phi.text.documents import decoded

DATA = (".yaml", ".yml", ".json", ".template", ".cfn", ".cform", ".cft")
"""What the files of a framework end with, where nothing else is said."""
OPENTOFU = (".tofu", ".tofu.json")
TERRAFORM = (".tf", ".tf.json", *OPENTOFU)
"""Files of Terraform and OpenTofu, whose own ones take the place of those that are named alike."""
ENDINGS: dict[str, tuple[str, ...]] = {
    "bicep": (".bicep",),
    "arm": (".json",),
    "terraform_plan": (".json",),
    "terraform_json": (".tf.json",),
}
_WORDS: dict[str, tuple[str, ...]] = {
    "arm": ("deploymentTemplate.json",),
    "terraform_plan": ("planned_values",),
    "cloudformation": ("Resources",),
    "github_actions": (".github/workflows/",),
    "ansible": (
        *("group_vars/", "host_vars/", "roles/", "tasks/", "handlers/"),
        *("hosts", "import_playbook"),
    ),
}
"""Words one of which is in the path or the text of every file that its reader takes."""


def could_hold(framework: str, files: Iterable[str]) -> bool:
    """Whether one of these files may be of a framework. The readers are heavy to load for none."""
    if framework == "yaml":
        return True  # it speaks for the scan as a whole
    words = _WORDS.get(framework, ("",))
    for file in files:
        if file.endswith(ENDINGS.get(framework, DATA)):
            path = file.replace("\\", "/")
            if any(w in path for w in words):
                return True
            text = _text(file)
            if any(w in text for w in words):
                return True
    return False


def _text(file: str) -> str:
    try:
        with open(file, "rb") as handle:
            return decoded(handle.read())
    except OSError:
        return ""

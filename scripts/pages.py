"""Writes one page a rule and their index from the rules' own metadata and tested examples."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "checks"))

from openai_phi.facts.controls import controls as load_controls  # noqa: E402
from openai_phi.finding.rule import Rule  # noqa: E402

DOCS = ROOT / "docs" / "rules"
EXAMPLES = ROOT / "tests" / "rules"
README = ROOT / "README.md"
FLAGS: dict[str, str] = {}


def rules() -> list[Rule]:
    """All rules, by id; each file below checks/ holds exactly one."""
    found: list[Rule] = []
    for file in sorted((ROOT / "checks").glob("[a-z]*.py")):
        spec = importlib.util.spec_from_file_location(f"page_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for value in list(vars(module).values()):
            if isinstance(value, type) and issubclass(value, Rule) and value is not Rule:
                found.append(value())
                FLAGS[value.id] = (module.__doc__ or "").partition(": ")[2].strip()
    return sorted(found, key=lambda r: (r.id.split("_")[1], int(r.id.split("_")[2])))


def example(rule: Rule, kind: str) -> str:
    """The example files of a kind (`good`, `bad`) as code blocks; they are the rule's tests too."""
    folder = EXAMPLES / rule.name / kind
    out = ""
    for file in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if file.is_file():
            language = {"tf": "hcl", "yaml": "yaml"}.get(file.suffix.lstrip("."), "")
            text = file.read_text(encoding="utf-8").rstrip("\n")
            out += f"`{file.relative_to(folder).as_posix()}`\n\n```{language}\n{text}\n```\n\n"
    return out


def page(rule: Rule) -> str:
    """A rule's page: what it flags, why, what to avoid and prefer, the law."""
    cited = load_controls().of(rule.law)
    law = "\n".join(f"- [{c.citation}]({c.source}): {c.title}, {c.asks}" for c in cited)
    flags = FLAGS[rule.id]
    parts = [
        f"# {rule.id}: {rule.name}\n",
        f"Severity: {rule.severity.lower()}. Checkov itself calls it: *{rule.title}*.\n",
        f"## What it flags\n\n{flags[:1].upper()}{flags[1:]}\n",
        f"## Why\n\n{rule.why}\n",
    ]
    avoid, prefer = example(rule, "bad"), example(rule, "good")
    if avoid:
        parts.append("## Avoid\n\n" + avoid.rstrip() + "\n")
    if prefer:
        parts.append("## Prefer\n\n" + prefer.rstrip() + "\n")
    if rule.prove:
        parts.append(f"## How to prove that it is fine\n\n{rule.prove}\n")
    if law:
        parts.append(f"## Law and controls\n\n{law}\n")
    return "\n".join(p for p in parts if p)


def index(found: list[Rule]) -> str:
    """The index of all rules."""
    rows = "\n".join(f"| [{r.id}]({r.name}.md) | {r.severity.lower()} | {r.flags} |" for r in found)
    return f"# Rules\n\n| id | severity | rule |\n|---|---|---|\n{rows}\n"


def pages() -> dict[str, str]:
    """File name -> content of every generated page."""
    found = rules()
    return {**{f"{r.name}.md": page(r) for r in found}, "README.md": index(found)}


def readme(text: str) -> str:
    """The README with its table of rules as the rules say it."""
    start, end = "<!-- rules:start -->", "<!-- rules:end -->"
    head, _, rest = text.partition("| rule | severity | flags |")
    tail = rest.partition(end)[2]
    rows = [
        f"| [{r.id}](docs/rules/{r.name}.md) | {r.severity.lower()} | {FLAGS[r.id].rstrip('.')} |"
        for r in rules()
    ]
    table = "\n".join(["| rule | severity | flags |", "|---|---|---|", *rows])
    head = head.rstrip().removesuffix(start).rstrip()
    return f"{head}\n\n{start}\n{table}\n{end}{tail}"


if __name__ == "__main__":
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
    DOCS.mkdir(parents=True, exist_ok=True)
    for old in DOCS.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
    from book import books
    from reference import references

    for path, text in {**books(), **references()}.items():
        path.write_text(text, encoding="utf-8")

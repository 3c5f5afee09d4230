"""Writes the pages about the law and about the providers' terms from schemas/controls.yaml and schemas/terms.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pages import ROOT, rules

from openai_phi.facts.controls import controls as load_controls
from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.finding.rule import Rule

TITLES = {"openai": "OpenAI", "azure-openai": "Azure OpenAI"}
HEAD = "<!-- Written by scripts/pages.py; edit the source, not this page. -->\n\n"


def _link(ident: str, found: dict[str, Rule]) -> str:
    return f"[{ident}](rules/{found[ident].name}.md)"


def statements() -> list[dict[str, Any]]:
    """The statements of the terms, in the order of their file."""
    found: list[dict[str, Any]] = load_yaml(schema_root() / "terms.yaml")["statements"]
    return found


def terms() -> str:
    """Statement by statement: the rules that hold it, or why none can and what to attest."""
    known = {r.id: r for r in rules()}
    data = load_yaml(schema_root() / "terms.yaml")
    out = (
        HEAD + "# What the providers' terms say, and what holds it\n\n"
        "Each statement about data that is sent to OpenAI or Azure OpenAI: the rules that hold it in "
        "infrastructure code, or what no code shows and people must attest instead. "
        f"As of {data['as_of']}.\n"
    )
    for provider, title in TITLES.items():
        out += f"\n## {title}\n\n| statement | held by | to attest |\n|---|---|---|\n"
        for item in (s for s in data["statements"] if s["provider"] == provider):
            held = ", ".join(_link(r, known) for r in item["rules"]) or "none can"
            out += f"| [{item['statement']}]({item['source']}) | {held} | {item['attest']} |\n"
    return out


def controls() -> str:
    """Each control with what it asks for and the rules whose findings speak of it."""
    found = rules()
    known = {r.id: r for r in found}
    mapping = load_controls()
    out = (
        HEAD + "# Controls and the rules that speak of them\n\n"
        "A finding is evidence about these controls; no finding is no proof that one is met. "
        "A standard must be met, and so must what is required; of an addressable specification 45 CFR "
        "164.306(d)(3) lets an organization record why it is not reasonable and what it does instead. "
        "Identifiers of NIST SP 800-66r2 and SP 800-53r5 stand beside the Security Rule's; those marked "
        "unconfirmed were not compared with NIST's own mapping. "
        f"As of {mapping.as_of}.\n"
    )
    for framework in mapping.frameworks:
        out += f"\n## [{framework.title}]({framework.source})\n\n"
        has_nist = framework.id == "hipaa"
        nist = (" | NIST SP", "|---") if has_nist else ("", "")
        out += f"| control | asks | findings about{nist[0]} | rules |\n|---|---|---|---{nist[1]}|\n"
        for control in mapping.by_citation.values():
            cited = [r for r in found if control.citation in r.law]
            if control.framework is framework and cited:
                links = ", ".join(_link(r.id, known) for r in cited)
                name = f"[{control.citation}]({control.source}): {control.title}"
                beside = f" | {mapping.nist.get(control.citation, '')}" if has_nist else ""
                out += f"| {name} | {control.asks} | {control.about}{beside} | {links} |\n"
    return out


def books() -> dict[Path, str]:
    """File -> content of every page of this script."""
    return {ROOT / "docs" / "terms.md": terms(), ROOT / "docs" / "controls.md": controls()}

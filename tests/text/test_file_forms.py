"""That no file is passed over whose framework would be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from scan import ROOT

from openai_phi.declared.declaration_loader import load
from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import signatures
from openai_phi.finding.rule_files import load_rules
from openai_phi.finding.rule_runs import run_rules
from openai_phi.reading.file_reader import FORMATS
from openai_phi.text.documents import decoded, parse_text
from openai_phi.text.file_forms import could_hold
from openai_phi.verdicts.analysis import Inputs, analyse
from openai_phi.words.scan_input import FROM_FILES

TODAY = date(2026, 11, 20)
EXAMPLES = sorted(
    f
    for folder in ("tests/accuracy/cases", "tests/rules", "sample_infra")
    for f in (ROOT / folder).rglob("*")
    if f.is_file()
)
READ = sorted(FROM_FILES - {"yaml", "terraform_json"})


@pytest.mark.parametrize("framework", READ)
def test_what_a_reader_takes_is_never_passed_over(framework: str) -> None:
    taken = 0
    for file in map(str, EXAMPLES):
        text = decoded(Path(file).read_bytes())
        form = next((f for f in FORMATS if f.fits(file, text)), None)
        if form is not None and form.framework == framework:
            taken += 1
            assert could_hold(framework, [file]), file
    assert taken, f"no example of {framework}"


def test_files_of_other_forms_are_passed_over(tmp_path: Path) -> None:
    manifest = tmp_path / "service.yaml"
    manifest.write_text("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n")
    assert [f for f in sorted(FROM_FILES) if could_hold(f, [str(manifest)])] == ["yaml"]


@pytest.mark.parametrize("folder", ["tests/rules/deadline_near/bad", "sample_infra"])
def test_no_rule_finds_anything_where_there_is_nothing(folder: str) -> None:
    root = str(ROOT / folder)
    declared = load(root, policy_path=None, known=CatalogueWords(load_catalogue()))
    assert declared.files
    nothing = analyse(Inputs([], declared, load_catalogue(), signatures(), TODAY))
    assert [f for run in run_rules(load_rules().rules, nothing) for f in run.all] == []


def test_a_script_that_begins_with_an_assignment_is_no_toml() -> None:
    script = "STAGE=prod\ncat > a.yaml << EOF\ndata:\n  OPENAI_API_KEY: $KEY\nEOF\n"
    assert parse_text(script) is None
    several = 'a = [\n  "x",\n]\nb = """\nanything\n"""\nc = 1\n'
    found = parse_text(several)
    assert found is not None
    assert set(found.data) == {"a", "b", "c"}

"""CloudFormation: every intrinsic with all its options, loops, includes, and what a template is deployed with."""

from __future__ import annotations

from pathlib import Path

import pytest

from handmade import around
from inprocess import write
from openai_phi.gathering.graph_scan import read_files
from openai_phi.verdicts.analysis import Analysis, analyse
from openai_phi.words.observed import Workload
from openai_phi.words.scan_input import FilesInput

KEY = '"{{resolve:secretsmanager:llm:SecretString:token}}"'
FUNCTION = """  %s:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: b, S3Key: k}
      Environment: {Variables: {%s}}
      Tags: [%s]
"""
OPENAI = f"OPENAI_API_KEY: {KEY}"
TAG = "{Key: DataClassification, Value: %s}"


def _analysis(folder: Path) -> Analysis:
    files = tuple(sorted(str(f) for f in folder.rglob("*") if f.is_file()))
    return analyse(read_files(FilesInput("cloudformation", str(folder), files), around()))


def _phi(folder: Path) -> dict[str, Workload]:
    """The functions with PHI that use a provider, by their names."""
    found = _analysis(folder).estate.workloads
    return {w.resource.name: w for w in found if w.uses and w.phi.value == "phi"}


def _line(folder: Path, workload: Workload, kind: str) -> str:
    """The text of the line that the class of a workload, or evidence of its use, stands on."""
    found = workload.phi_evidence if kind == "phi" else workload.uses[0].evidence
    item = next(e for e in found if kind in ("phi", e.kind.value))
    return (folder / item.place.file).read_text().splitlines()[item.place.line - 1].strip()


def _template(function: str, head: str = "") -> str:
    return f"AWSTemplateFormatVersion: '2010-09-09'\n{head}Resources:\n{function}"


CLASSES = {
    "a mapping": ("!FindInMap [M, prod, D]", "Mappings: {M: {prod: {D: PHI}}}\n"),
    "a mapping by parameter": (
        "!FindInMap [M, !Ref E, D]",
        "Mappings: {M: {dev: {D: none}, prod: {D: PHI}}}\n",
    ),
    "a mapping with a default": (
        "!FindInMap [M, prod, D, {DefaultValue: PHI}]",
        "Mappings: {M: {dev: {D: none}}}\n",
    ),
    "a condition": ("!If [P, PHI, none]", "Conditions: {P: !Equals [!Ref E, prod]}\n"),
    "a condition the other way": ("!If [P, none, PHI]", ""),
    "conditions in each other": ("!If [P, !If [Q, none, PHI], !Ref 'AWS::NoValue']", ""),
    "a parameter": ("!Ref C", "Parameters: {C: {Type: String, Default: PHI}}\n"),
    "a text with a parameter": ("!Sub '${C}'", "Parameters: {C: {Type: String, Default: PHI}}\n"),
    "a text with a mapping": (
        "!Sub ['${x}', {x: !FindInMap [M, prod, D]}]",
        "Mappings: {M: {prod: {D: PHI}}}\n",
    ),
    "pieces": ("!Join ['', [P, H, I]]", ""),
    "one of a list": ("!Select [1, [none, PHI]]", ""),
    "one of a text": ("!Select [0, !Split ['|', 'PHI|x']]", ""),
}


@pytest.mark.parametrize("how", CLASSES)
def test_a_tag_counts_however_it_is_given(tmp_path: Path, how: str) -> None:
    value, head = CLASSES[how]
    write(tmp_path, t_yaml=_template(FUNCTION % ("F", OPENAI, TAG % value), head))
    assert set(_phi(tmp_path)) == {"F"}


@pytest.mark.parametrize(
    ("value", "head"),
    [
        ("!FindInMap [M, dev, D]", "Mappings: {M: {prod: {D: PHI}, dev: {D: none}}}\n"),
        ("!FindInMap [M, prod, E]", "Mappings: {M: {prod: {D: PHI, E: none}}}\n"),
        ("!Select [0, [none, PHI]]", ""),
        ("!If [P, none, !Ref 'AWS::NoValue']", ""),
    ],
)
def test_an_option_that_is_not_taken_marks_nothing(tmp_path: Path, value: str, head: str) -> None:
    write(tmp_path, t_yaml=_template(FUNCTION % ("F", OPENAI, TAG % value), head))
    assert _phi(tmp_path) == {}


def test_a_tag_may_be_there_on_a_condition(tmp_path: Path) -> None:
    tag = "!If [P, {Key: DataClassification, Value: PHI}, !Ref 'AWS::NoValue']"
    write(tmp_path, t_yaml=_template(FUNCTION % ("F", OPENAI, tag)))
    assert set(_phi(tmp_path)) == {"F"}


def test_settings_may_be_there_on_a_condition_and_stand_at_their_line(tmp_path: Path) -> None:
    function = FUNCTION.replace("{Variables: {%s}}", "%s") % (
        "F",
        f"\n        Variables:\n          Fn::If:\n            - P\n            - {OPENAI}\n"
        "            - {LOG: info}",
        TAG % "PHI",
    )
    write(tmp_path, t_yaml=_template(function))
    assert _line(tmp_path, _phi(tmp_path)["F"], "key") == f"- {OPENAI}"


def test_a_value_of_a_mapping_stands_where_it_is_written(tmp_path: Path) -> None:
    head = "Mappings:\n  M:\n    prod:\n      Url: https://api.openai.com/v1\n      D: PHI\n"
    settings = f"LLM_BASE_URL: !FindInMap [M, prod, Url], LLM_API_KEY: {KEY}"
    write(
        tmp_path,
        t_yaml=_template(FUNCTION % ("F", settings, TAG % "!FindInMap [M, prod, D]"), head),
    )
    found = _phi(tmp_path)["F"]
    assert found.uses[0].host == "api.openai.com"
    assert _line(tmp_path, found, "host") == "Url: https://api.openai.com/v1"
    assert _line(tmp_path, found, "phi") == "D: PHI"


def test_globals_are_evaluated_too(tmp_path: Path) -> None:
    write(
        tmp_path,
        template_yaml="Transform: AWS::Serverless-2016-10-31\n"
        "Mappings: {M: {prod: {D: PHI}}}\n"
        "Globals:\n  Function:\n    Tags: {DataClassification: !FindInMap [M, prod, D]}\n"
        f"    Environment: {{Variables: {{{OPENAI}}}}}\n"
        "Resources:\n  F: {Type: 'AWS::Serverless::Function', Properties: {Handler: a.b}}\n",
    )
    assert set(_phi(tmp_path)) == {"F"}


def test_a_loop_makes_a_resource_of_each_value(tmp_path: Path) -> None:
    loop = (
        "  Fn::ForEach::Functions:\n    - Name\n    - [Notes, Letters]\n    - Do${Name}:\n"
        "        Type: AWS::Lambda::Function\n        Properties:\n"
        f"          FunctionName: !Ref Name\n          Environment: {{Variables: {{{OPENAI}}}}}\n"
        "          Tags: [{Key: DataClassification, Value: PHI}]\n"
    )
    write(tmp_path, t_yaml=_template(loop, "Transform: AWS::LanguageExtensions\n"))
    found = _phi(tmp_path)
    assert set(found) == {"DoNotes", "DoLetters"}
    assert "OPENAI_API_KEY" in _line(tmp_path, found["DoNotes"], "key")


@pytest.mark.parametrize("location", ["env.yaml", "s3://templates/shared/env.yaml"])
def test_what_is_included_belongs_to_the_resource(tmp_path: Path, location: str) -> None:
    function = (
        "  F:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        "      Tags: [{Key: DataClassification, Value: PHI}]\n"
        f"      Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: '{location}'}}}}\n"
    )
    write(
        tmp_path,
        t_yaml=_template(function),
        env_yaml=f"Environment:\n  Variables:\n    {OPENAI}\n",
        other_yaml=f"Environment:\n  Variables:\n    {OPENAI}\n",
    )
    found = _phi(tmp_path)["F"]
    assert {e.place.file for u in found.uses for e in u.evidence} == {"env.yaml"}


OPEN = _template(
    FUNCTION % ("F", f"LLM_BASE_URL: !Ref Url, LLM_API_KEY: {KEY}", TAG % "!Ref Class"),
    "Parameters:\n  Class: {Type: String}\n  Url: {Type: String}\n",
)
FILES = {
    "params/prod.json": '[{"ParameterKey": "Class", "ParameterValue": "PHI"},\n'
    ' {"ParameterKey": "Url", "ParameterValue": "https://api.openai.com/v1"}]',
    "prod.json": '{"Parameters": {"Class": "PHI",\n "Url": "https://api.openai.com/v1"}}',
    "cfg/prod.json": '["Class=PHI",\n "Url=https://api.openai.com/v1"]',
    "prod.yaml": "Parameters:\n  Class: PHI\n  Url: https://api.openai.com/v1\n",
    "samconfig.toml": "version = 0.1\n[prod.deploy.parameters]\n"
    'parameter_overrides = "Class=\\"PHI\\" Url=https://api.openai.com/v1"\n',
    "Makefile": "deploy:\n\taws cloudformation deploy --template-file template.yaml \\\n"
    "\t  --parameter-overrides Class=PHI Url=https://api.openai.com/v1\n",
    "deploy.sh": "set -e\nsam deploy --parameter-overrides "
    "ParameterKey=Class,ParameterValue=PHI ParameterKey=Url,ParameterValue=https://api.openai.com/v1\n",
    "root.yaml": _template(
        "  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
        "      TemplateURL: ./template.yaml\n"
        "      Parameters: {Class: PHI, Url: 'https://api.openai.com/v1'}\n"
    ),
    "parent.yaml": _template(
        "  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
        "      TemplateURL: !Sub 'https://${Bucket}.s3.amazonaws.com/x/template.yaml'\n"
        "      Parameters: {Class: !Ref C, Url: !Ref U}\n",
        "Parameters:\n  C: {Type: String, Default: PHI}\n"
        "  U: {Type: String, Default: 'https://api.openai.com/v1'}\n",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_what_a_template_is_deployed_with_counts(tmp_path: Path, name: str) -> None:
    write(tmp_path, template_yaml=OPEN)
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(FILES[name])
    found = _phi(tmp_path)["F"]
    assert found.uses[0].host == "api.openai.com"
    assert name in found.resource.variant


def test_values_of_several_deployments_are_not_mixed(tmp_path: Path) -> None:
    write(
        tmp_path,
        template_yaml=OPEN,
        prod_json='{"Parameters": {"Class": "PHI", "Url": "http://vllm.internal/v1"}}',
        dev_json='{"Parameters": {"Class": "synthetic", "Url": "https://api.openai.com/v1"}}',
    )
    assert all(u.host != "api.openai.com" for w in _phi(tmp_path).values() for u in w.uses)


def test_parameters_of_another_template_are_none_of_this(tmp_path: Path) -> None:
    write(
        tmp_path,
        template_yaml=OPEN,
        other_json='{"Parameters": {"Class": "PHI", "Url": "https://api.openai.com/v1", "Vpc": "x"}}',
    )
    assert _phi(tmp_path) == {}


def test_the_tags_of_a_stack_mark_what_is_in_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        child_yaml=_template(FUNCTION % ("F", OPENAI, "{Key: team, Value: x}")),
        root_yaml=_template(
            "  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
            "      TemplateURL: child.yaml\n      Tags: [{Key: DataClassification, Value: PHI}]\n"
        ),
    )
    assert set(_phi(tmp_path)) == {"F"}


@pytest.mark.parametrize("ending", ["cfn", "template", "cform"])
def test_a_template_is_told_by_what_it_says(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"t.{ending}").write_text(_template(FUNCTION % ("F", OPENAI, TAG % "PHI")))
    assert set(_phi(tmp_path)) == {"F"}

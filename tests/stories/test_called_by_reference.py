"""Workloads that Terraform or a template links by reference: calls that PHI takes, and what is no call."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, named, write
from openai_phi.scanning.scan import Options, scan_folder

CALLER = """resource "aws_lambda_function" "notes" {
  function_name = "notes"
  tags          = { DataClassification = "PHI" }
  BODY
}
"""
GATEWAY = """resource "aws_apprunner_service" "models" {
  service_name = "models"
  source_configuration {
    image_repository {
      image_configuration {
        runtime_environment_secrets   = { OPENAI_API_KEY = aws_secretsmanager_secret.k.arn }
        runtime_environment_variables = { STORE = EXTRA }
      }
    }
  }
}
resource "aws_secretsmanager_secret" "k" { name = "k" }
"""
CALL = "environment { variables = { MODELS = aws_apprunner_service.models.service_url } }"
OTHER = 'environment { variables = { MODELS = "none" } }\n  '


def ways(folder: Path, *, all_of: bool = False) -> dict[str, list[tuple[str | None, int]]]:
    """Workload with PHI -> host and steps on the way of each use, of Terraform or of all frameworks."""
    read = scan_folder(Options(str(folder))).analysis if all_of else analysis(folder, "terraform")
    return {w.id: [(u.host, len(u.via)) for u in w.uses] for w in read.phi_workloads()}


REFERENCES = {
    "its address": (CALL, True),
    "nothing": ("", False),
    "an order of creation": (OTHER + "depends_on = [aws_apprunner_service.models]", False),
    "both": (CALL + "\n  depends_on = [aws_apprunner_service.models]", True),
    "an identity": (
        "environment { variables = { PEER_ID = aws_apprunner_service.models.service_id } }",
        False,
    ),
}


@pytest.mark.parametrize("case", REFERENCES)
def test_which_references_are_calls(case: str, tmp_path: Path) -> None:
    body, called = REFERENCES[case]
    text = CALLER.replace("BODY", body) + GATEWAY.replace("EXTRA", '"x"')
    write(tmp_path, main_tf=text)
    expected = {"aws_lambda_function.notes": [("api.openai.com", 1)]} if called else {}
    assert ways(tmp_path) == expected


def test_the_trace_says_where_it_is_referred_to(tmp_path: Path) -> None:
    write(tmp_path, main_tf=CALLER.replace("BODY", CALL) + GATEWAY.replace("EXTRA", '"x"'))
    (workload,) = analysis(tmp_path, "terraform").phi_workloads()
    assert [str(s) for s in workload.uses[0].via] == [
        "calls aws_apprunner_service.models at main.tf:4 (environment[0].variables.MODELS), "
        "which is at main.tf:6"
    ]


def test_a_function_by_its_url(tmp_path: Path) -> None:
    text = CALLER.replace(
        "BODY", "environment { variables = { M = aws_lambda_function_url.u.function_url } }"
    )
    text += """resource "aws_lambda_function_url" "u" { function_name = aws_lambda_function.models.function_name }
resource "aws_lambda_function" "models" {
  function_name = "models"
  environment { variables = { OPENAI_API_KEY = var.k } }
}
variable "k" {}
"""
    write(tmp_path, main_tf=text)
    assert ways(tmp_path) == {"aws_lambda_function.notes": [("api.openai.com", 1)]}


def test_a_module_of_the_same_root_and_one_of_another(tmp_path: Path) -> None:
    body = "environment { variables = { MODELS = module.gateway.url } }"
    inner = GATEWAY.replace("EXTRA", '"x"')
    inner += 'output "url" { value = aws_apprunner_service.models.service_url }\n'
    call = 'module "gateway" { source = "../gateway" }\n'
    write(
        tmp_path,
        app__main_tf=CALLER.replace("BODY", body) + call,
        gateway__main_tf=inner,
        other__main_tf=CALLER.replace("BODY", CALL),
    )
    assert ways(tmp_path) == {"aws_lambda_function.notes": [("api.openai.com", 1)]}
    (workload,) = analysis(tmp_path, "terraform").phi_workloads()
    assert workload.resource.file == "app/main.tf"


def test_a_circle_of_references_ends(tmp_path: Path) -> None:
    text = CALLER.replace("BODY", "environment { variables = { M = aws_lambda_function.b.arn } }")
    for name, after in (("b", "c"), ("c", "b")):
        text += f"""resource "aws_lambda_function" "{name}" {{
  function_name = "{name}"
  environment {{ variables = {{ M = aws_lambda_function.{after}.arn, N = aws_apprunner_service.models.service_url }} }}
}}
"""
    write(tmp_path, main_tf=text + GATEWAY.replace("EXTRA", '"x"'))
    assert ways(tmp_path) == {"aws_lambda_function.notes": [("api.openai.com", 2)]}


STORE = 'resource "aws_db_instance" "spend" { identifier = "spend" }\n'


def test_a_store_that_only_the_gateway_refers_to_counts_at_the_caller(tmp_path: Path) -> None:
    text = CALLER.replace("BODY", CALL) + STORE
    text += GATEWAY.replace("EXTRA", "aws_db_instance.spend.address")
    write(tmp_path, main_tf=text)
    found = [n for n in named(tmp_path, "terraform") if "STORAGE" in n]
    assert found == ["OAI_STORAGE_1 aws_lambda_function.notes"]
    (workload,) = analysis(tmp_path, "terraform").phi_workloads()
    assert [(s.text, str(s.link)) for s in workload.weak_spots] == [
        (
            "aws_db_instance.spend at main.tf:6, which leaves storage_encrypted out, "
            "at aws_apprunner_service.models, which it passes",
            "main.tf:4 (environment[0].variables.MODELS)",
        )
    ]


def test_a_state_machine_hands_what_it_holds_to_its_functions(tmp_path: Path) -> None:
    template = """Resources:
  Notes:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {OPENAI_API_KEY: "{{resolve:secretsmanager:k}}"}}}
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Tags: [{Key: DataClassification, Value: PHI}]
      DefinitionSubstitutions: {Notes: !GetAtt Notes.Arn}
"""
    write(tmp_path, template_yaml=template)
    assert ways(tmp_path, all_of=True) == {
        "AWS::StepFunctions::StateMachine.Flow": [("api.openai.com", 1)]
    }


def test_bicep(tmp_path: Path) -> None:
    text = """resource models 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'models'
  properties: { template: { containers: [ { name: 'm', env: [ { name: 'OPENAI_API_KEY', secretRef: 'k' } ] } ] } }
}
resource notes 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'notes'
  tags: { DataClassification: 'PHI' }
  properties: { template: { containers: [ { name: 'n', env: [
    { name: 'MODELS', value: 'https://${models.properties.configuration.ingress.fqdn}' } ] } ] } }
}
"""
    write(tmp_path, main_bicep=text)
    assert ways(tmp_path, all_of=True) == {
        "Microsoft.App/containerApps.notes": [("api.openai.com", 1)]
    }

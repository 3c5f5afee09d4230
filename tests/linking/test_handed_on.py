"""PHI that comes over others: a topic's queue, a bucket's notification, a bus, a parameter, what a role is granted."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import told, write
from openai_phi.scanning.scan import Options, scan_folder

NOTES = """resource "aws_lambda_function" "notes" {
  function_name = "notes"
  role          = aws_iam_role.r.arn
  environment { variables = { OPENAI_API_KEY = var.k, LINK = LINKED } }
}
variable "k" {}
resource "aws_iam_role" "r" { name = "notes" }
resource "aws_healthlake_fhir_datastore" "f" { datastore_type_version = "R4" }
resource "aws_sqs_queue" "q" { name = "q" }
"""
PHI = 'tags = { DataClassification = "PHI" }'
MAPPING = """resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_sqs_queue.q.arn
  function_name    = aws_lambda_function.notes.arn
}
"""
TOPIC = f"""resource "aws_sns_topic" "t" {{
  {PHI}
}}
resource "aws_sns_topic_subscription" "s" {{
  topic_arn = aws_sns_topic.t.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.q.arn
}}
"""
BUCKET = f"""resource "aws_s3_bucket" "b" {{
  {PHI}
}}
resource "aws_s3_bucket_notification" "n" {{
  bucket = aws_s3_bucket.b.id
  queue {{
    queue_arn = aws_sqs_queue.q.arn
    events    = ["s3:ObjectCreated:*"]
  }}
}}
"""
DEAD = f"""resource "aws_sqs_queue" "dead" {{
  {PHI}
}}
resource "aws_sns_topic" "alerts" {{ name = "alerts" }}
resource "aws_sns_topic_subscription" "s" {{
  topic_arn      = aws_sns_topic.alerts.arn
  protocol       = "sqs"
  endpoint       = aws_sqs_queue.q.arn
  redrive_policy = jsonencode({{ deadLetterTargetArn = aws_sqs_queue.dead.arn }})
}}
"""
PARAMETER = """resource "aws_ssm_parameter" "p" {
  name  = "store"
  value = aws_healthlake_fhir_datastore.f.datastore_endpoint
}
"""
OTHER = PARAMETER.replace(
    "aws_healthlake_fhir_datastore.f.datastore_endpoint", "aws_sqs_queue.q.url"
)
INLINE = """resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.id
  policy = jsonencode({ Statement = [{ Effect = "EFFECT", Action = "healthlake:*", Resource = RESOURCE }] })
}
"""
STORE = "aws_healthlake_fhir_datastore.f.datastore_arn"
ATTACHED = f"""data "aws_iam_policy_document" "d" {{
  statement {{
    effect    = "EFFECT"
    actions   = ["kms:*"]
    resources = [{STORE}]
  }}
}}
resource "aws_iam_policy" "p" {{ policy = data.aws_iam_policy_document.d.json }}
resource "aws_iam_role_policy_attachment" "a" {{
  role       = aws_iam_role.ROLE.name
  policy_arn = aws_iam_policy.p.arn
}}
resource "aws_iam_role" "other" {{ name = "other" }}
"""


def inline(effect: str, resource: str) -> str:
    return INLINE.replace("EFFECT", effect).replace("RESOURCE", resource)


def attached(effect: str, role: str) -> str:
    return ATTACHED.replace("EFFECT", effect).replace("ROLE", role)


@pytest.mark.parametrize(
    ("link", "text", "phi"),
    [
        ('"x"', TOPIC + MAPPING, True),
        ('"x"', TOPIC, False),
        ('"x"', BUCKET + MAPPING, True),
        ('"x"', DEAD + MAPPING, False),
        ("aws_ssm_parameter.p.name", PARAMETER, True),
        ("aws_ssm_parameter.p.name", OTHER, False),
        ('"x"', PARAMETER, False),
        ('"x"', inline("Allow", STORE), True),
        ('"x"', inline("Allow", '"*"'), True),
        ('"x"', inline("Deny", STORE), False),
        ('"x"', inline("Allow", '"*"').replace("healthlake:", "s3:"), False),
        ('"x"', attached("Allow", "r"), True),
        ('"x"', attached("Deny", "r"), False),
        ('"x"', attached("Allow", "other"), False),
        ('"x"', "", False),
    ],
)
def test_what_comes_over_others(tmp_path: Path, link: str, text: str, phi: bool) -> None:
    write(tmp_path, main_tf=NOTES.replace("LINKED", link) + text)
    assert (told(tmp_path, "terraform")["aws_lambda_function.notes"][0] == "phi") is phi


def test_what_is_sent_to_a_topic_does_not_come_back_from_its_queue(tmp_path: Path) -> None:
    text = NOTES.replace("LINKED", "aws_sns_topic.t.arn")
    text = text.replace('{ name = "q" }', f"{{\n  {PHI}\n}}") + TOPIC.replace(f"  {PHI}\n", "")
    write(tmp_path, main_tf=text)
    assert told(tmp_path, "terraform")["aws_lambda_function.notes"][0] == "unclassified"


GOOGLE = """resource "google_cloud_run_v2_service" "notes" {
  name = "notes"
  template {
    service_account = google_service_account.a.email
    containers {
      image = "registry.example.org/notes:1"
      env {
        name  = "OPENAI_API_KEY"
        value = var.k
      }
    }
  }
}
variable "k" {}
resource "google_service_account" "a" { account_id = "notes" }
resource "google_healthcare_fhir_store" "f" {
  name    = "f"
  dataset = "d"
}
"""
MEMBER = """resource "google_healthcare_fhir_store_iam_member" "m" {
  fhir_store_id = google_healthcare_fhir_store.f.id
  role          = "roles/healthcare.fhirResourceReader"
  member        = "serviceAccount:${google_service_account.a.email}"
}
"""
PROJECT = """resource "google_project_iam_member" "m" {
  project = "p"
  role    = "ROLE"
  member  = "serviceAccount:${google_service_account.a.email}"
}
"""


@pytest.mark.parametrize(
    ("text", "phi"),
    [
        (MEMBER, True),
        (PROJECT.replace("ROLE", "roles/healthcare.fhirResourceReader"), True),
        (PROJECT.replace("ROLE", "roles/logging.logWriter"), False),
        ("", False),
    ],
)
def test_what_a_service_account_is_granted(tmp_path: Path, text: str, phi: bool) -> None:
    write(tmp_path, main_tf=GOOGLE + text)
    found = told(tmp_path, "terraform")["google_cloud_run_v2_service.notes"][0]
    assert (found == "phi") is phi


BUS = """Resources:
  Dest:
    Type: AWS::Events::ApiDestination
    Properties:
      ConnectionArn: arn:aws:events:us-east-1:123456789012:connection/llm
      InvocationEndpoint: https://api.openai.com/v1/responses
      HttpMethod: POST
  Bus:
    Type: AWS::Events::EventBus
    Properties:
      Name: events
      Tags: [{Key: DataClassification, Value: CLASS}]
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [notes]}
      Targets: [{Id: a, Arn: !GetAtt Dest.Arn}]
"""


@pytest.mark.parametrize(("value", "phi"), [("PHI", True), ("public", False)])
def test_what_a_bus_sends_to_a_destination(tmp_path: Path, value: str, phi: bool) -> None:
    write(tmp_path, t_yaml=BUS.replace("CLASS", value))
    found = scan_folder(Options(str(tmp_path), today="2026-11-27")).findings
    assert any(f.rule.startswith("OAI_COVERAGE") for f in found) is phi

"""What a PHI workload passes that accepts TLS below 1.2, in Terraform, ARM and Bicep: only what leads to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handmade import around
from inprocess import found
from openai_phi.gathering.graph_scan import read_files
from openai_phi.verdicts.analysis import analyse
from openai_phi.words.scan_input import FilesInput

LAMBDA = """resource "aws_lambda_function" "notes" {
  function_name = "notes"
  tags          = { DataClassification = "PHI" }
  environment { variables = { OPENAI_API_KEY = var.x } }
}
variable "x" {}
"""
API = """resource "aws_api_gateway_rest_api" "a" { name = "a" }
resource "aws_api_gateway_integration" "a" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  uri         = aws_lambda_function.notes.invoke_arn
}
resource "aws_api_gateway_base_path_mapping" "a" {
  api_id      = aws_api_gateway_rest_api.%s.id
  domain_name = aws_api_gateway_domain_name.d.domain_name
}
resource "aws_api_gateway_rest_api" "other" { name = "other" }
resource "aws_api_gateway_domain_name" "d" {
  domain_name = "notes.clinic.example"
  %s
}
"""
BALANCED = """resource "aws_lb_target_group" "t" { name = "t" }
resource "aws_lb_target_group_attachment" "t" {
  target_group_arn = aws_lb_target_group.t.arn
  target_id        = aws_lambda_function.notes.arn
}
resource "aws_lb_listener" "l" {
  %s
  default_action { target_group_arn = aws_lb_target_group.t.arn }
}
"""
CDN = """resource "aws_lambda_function_url" "u" { function_name = aws_lambda_function.notes.function_name }
resource "aws_cloudfront_distribution" "c" {
  origin { domain_name = aws_lambda_function_url.u.function_url }
  viewer_certificate { %s }
}
"""
CASES = {
    "a domain": (API % ("a", 'security_policy = "TLS_1_0"'), "aws_api_gateway_domain_name.d"),
    "a domain of today": (API % ("a", 'security_policy = "TLS_1_2"'), ""),
    "a domain that says nothing": (API % ("a", ""), ""),
    "a domain that nobody knows": (API % ("a", "security_policy = var.x"), ""),
    "a domain of another API": (API % ("other", 'security_policy = "TLS_1_0"'), ""),
    "a listener": (BALANCED % 'ssl_policy = "ELBSecurityPolicy-2016-08"', "aws_lb_listener.l"),
    "a listener of 1.1": (BALANCED % 'ssl_policy = "ELBSecurityPolicy-TLS13-1-1-2021-06"', "aws_lb_listener.l"),
    "a listener of today": (BALANCED % 'ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"', ""),
    "another of today": (BALANCED % 'ssl_policy = "ELBSecurityPolicy-FS-1-2-Res-2020-10"', ""),
    "a CDN": (CDN % 'minimum_protocol_version = "TLSv1.1_2016"', "aws_cloudfront_distribution.c"),
    "a CDN of today": (CDN % 'minimum_protocol_version = "TLSv1.2_2021"', ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_doors_of_a_function(case: str, tmp_path: Path) -> None:
    text, door = CASES[case]
    (tmp_path / "main.tf").write_text(LAMBDA + text)
    records = [r for r in found(tmp_path, "terraform") if r.check_id == "OAI_TRANSPORT_1"]
    assert [r.resource for r in records] == ["aws_lambda_function.notes"] * bool(door)
    if door:
        assert records[0].details[0].endswith(f"accepts TLS below 1.2, at {door}.")


APP = """resource "azurerm_linux_function_app" "notes" {
  name         = "notes"
  tags         = { DataClassification = "PHI" }
  app_settings = { OPENAI_API_KEY = var.x, %s }
  site_config { %s }
}
variable "x" {}
"""
STORE = 'resource "azurerm_storage_account" "s" {\n  name = "s"\n  min_tls_version = "%s"\n}\n'
USED = "STORE = azurerm_storage_account.s.primary_blob_endpoint"
MANAGED = """resource "azurerm_api_management" "g" {
  name = "g"
  security { %s }
}
resource "azurerm_api_management_backend" "b" {
  api_management_name = azurerm_api_management.g.name
  url                 = "https://${azurerm_linux_function_app.notes.default_hostname}"
}
"""
APPS = {
    "API Management": (APP % ("", "") + MANAGED % "enable_frontend_tls10 = true", True),
    "its newer spelling": (APP % ("", "") + MANAGED % "backend_tls11_enabled = true", True),
    "API Management of today": (APP % ("", "") + MANAGED % "enable_frontend_tls10 = false", False),
    "its own": (APP % ("", 'minimum_tls_version = "1.0"'), True),
    "its own of today": (APP % ("", 'minimum_tls_version = "1.2"'), False),
    "a store": (APP % (USED, "") + STORE % "TLS1_0", True),
    "a store of today": (APP % (USED, "") + STORE % "TLS1_2", False),
    "a store of nobody": (APP % ("", "") + STORE % "TLS1_0", False),
}


@pytest.mark.parametrize("case", APPS)
def test_an_application(case: str, tmp_path: Path) -> None:
    text, old = APPS[case]
    (tmp_path / "main.tf").write_text(text)
    records = [r for r in found(tmp_path, "terraform") if r.check_id == "OAI_TRANSPORT_1"]
    assert [r.resource for r in records] == ["azurerm_linux_function_app.notes"] * old


def arm(version: str) -> dict[str, str]:
    site = {
        "type": "Microsoft.Web/sites", "apiVersion": "2023-12-01", "name": "notes", "tags": {"DataClassification": "PHI"},
        "properties": {"siteConfig": {
            "minTlsVersion": version,
            "appSettings": [{"name": "OPENAI_API_KEY", "value": "[parameters('key')]"}],
        }},
    }  # fmt: skip
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    text = json.dumps({"$schema": schema, "contentVersion": "1.0.0.0", "resources": [site]}, indent=2)  # fmt: skip
    return {"arm": text, "bicep": BICEP % version}


BICEP = """param key string
resource app 'Microsoft.Web/sites@2023-12-01' = {
  name: 'notes'
  tags: { DataClassification: 'PHI' }
  properties: {
    siteConfig: {
      minTlsVersion: '%s'
      appSettings: [
        { name: 'OPENAI_API_KEY', value: key }
      ]
    }
  }
}
"""


@pytest.mark.parametrize("framework", ["arm", "bicep"])
@pytest.mark.parametrize(("version", "old"), [("1.0", True), ("1.1", True), ("1.2", False)])
def test_a_site(tmp_path: Path, framework: str, version: str, old: bool) -> None:
    file = tmp_path / {"arm": "azuredeploy.json", "bicep": "main.bicep"}[framework]
    file.write_text(arm(version)[framework])
    seen = analyse(read_files(FilesInput(framework, str(tmp_path), [str(file)]), around()))
    (workload,) = seen.estate.workloads
    assert [s.kind for s in workload.weak_spots] == ["transport"] * old


WITH_STORE = """resource store 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'letters'
  properties: { minimumTlsVersion: '%s' }
}
""" + (BICEP % "1.2").replace("value: key }", "value: key }\n        { name: 'STORE', value: %s }")  # fmt: skip


@pytest.mark.parametrize(
    ("version", "refers", "old"),
    [
        ("TLS1_0", "store.properties.primaryEndpoints.blob", True),
        ("TLS1_2", "store.properties.primaryEndpoints.blob", False),
        ("TLS1_0", "'none'", False),
    ],
)
def test_a_store_in_bicep(tmp_path: Path, version: str, refers: str, old: bool) -> None:
    file = tmp_path / "main.bicep"
    file.write_text(WITH_STORE % (version, refers))
    seen = analyse(read_files(FilesInput("bicep", str(tmp_path), [str(file)]), around()))
    spots = [w.weak_spots for w in seen.estate.workloads if w.uses]
    assert [s.kind for found in spots for s in found] == ["transport"] * old


FUNCTION = """AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters: {Key: {Type: String, NoEcho: true}}
Resources:
  Notes:
    Type: AWS::Serverless::Function
    Properties:
      Tags: {DataClassification: PHI}
      Environment: {Variables: {OPENAI_API_KEY: !Ref Key}}
      Events: {Call: {Type: Api, Properties: {RestApiId: !Ref Api}}}
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: live}
"""
DOMAIN = """  Mapping:
    Type: AWS::ApiGateway::BasePathMapping
    Properties: {RestApiId: !Ref Api, DomainName: !Ref Domain}
  Domain:
    Type: AWS::ApiGateway::DomainName
    Properties: {DomainName: notes.clinic.example, SecurityPolicy: %s}
"""
OWN = "Properties: {StageName: live, Domain: {DomainName: n.clinic.example, SecurityPolicy: %s}}"
TASK = """AWSTemplateFormatVersion: '2010-09-09'
Parameters: {Key: {Type: String, NoEcho: true}}
Resources:
  Notes:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Tags: [{Key: DataClassification, Value: PHI}]
      ContainerDefinitions:
        - {Name: app, Image: registry.example.org/notes:1, Environment: [{Name: OPENAI_API_KEY, Value: !Ref Key}]}
  Service:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: !Ref Notes, LoadBalancers: [{TargetGroupArn: !Ref Group, ContainerName: app}]}
  Group: {Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: {Protocol: HTTP}}
  Balancer: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: {Name: notes}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Protocol: HTTPS
      %s
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        ViewerCertificate: {MinimumProtocolVersion: TLSv1.2_2021}
        Origins: [{Id: a, DomainName: !GetAtt Balancer.DNSName, CustomOriginConfig: {OriginProtocolPolicy: %s}}]
"""
TLS = "SslPolicy: ELBSecurityPolicy-TLS13-1-2-2021-06"
TEMPLATES = {
    "a domain of an API": (FUNCTION + DOMAIN % "TLS_1_0", ["SecurityPolicy"]),
    "a domain of today": (FUNCTION + DOMAIN % "TLS_1_2", []),
    "the API's own domain": (FUNCTION.replace("Properties: {StageName: live}", OWN % "TLS_1_0"), ["SecurityPolicy"]),
    "a service's listener": (TASK % ("SslPolicy: ELBSecurityPolicy-2016-08", "https-only"), ["SslPolicy"]),
    "a listener that names no policy": (TASK % ("Port: 443", "https-only"), ["SslPolicy"]),
    "a listener of today": (TASK % (TLS, "https-only"), []),
    "a CDN before it": (TASK % (TLS, "http-only"), ["OriginProtocolPolicy"]),
}  # fmt: skip


@pytest.mark.parametrize("case", TEMPLATES)
def test_a_template(case: str, tmp_path: Path) -> None:
    text, old = TEMPLATES[case]
    file = tmp_path / "template.yaml"
    file.write_text(text)
    seen = analyse(read_files(FilesInput("cloudformation", str(tmp_path), [str(file)]), around()))
    (workload,) = (w for w in seen.estate.workloads if w.uses)
    assert len(workload.weak_spots) == len(old)
    assert all(name in spot.text for name, spot in zip(old, workload.weak_spots, strict=True))


RUN = """resource "google_cloud_run_v2_service" "notes" {
  name   = "notes"
  labels = { data-classification = "phi" }
  template {
    containers {
      image = "registry.example.org/notes:1"
      env {
        name  = "OPENAI_API_KEY"
        value = var.x
      }
    }
  }
}
resource "google_compute_region_network_endpoint_group" "n" {
  name = "n"
  cloud_run { service = google_cloud_run_v2_service.notes.name }
}
resource "google_compute_backend_service" "b" {
  name = "b"
  backend { group = google_compute_region_network_endpoint_group.n.id }
}
resource "google_compute_url_map" "u" {
  name            = "u"
  default_service = google_compute_backend_service.b.id
}
resource "google_compute_target_https_proxy" "p" {
  name    = "p"
  url_map = google_compute_url_map.u.id
  %s
}
resource "google_compute_ssl_policy" "s" {
  name = "s"
  min_tls_version = "%s"
}
variable "x" {}
"""
POLICY = "ssl_policy = google_compute_ssl_policy.s.id"


@pytest.mark.parametrize(
    ("policy", "version", "door"),
    [
        (POLICY, "TLS_1_0", "google_compute_ssl_policy.s"),
        (POLICY, "TLS_1_2", ""),
        ("", "TLS_1_2", "google_compute_target_https_proxy.p"),
        ("ssl_policy = var.x", "TLS_1_0", ""),
    ],
)
def test_a_load_balancer_of_google(tmp_path: Path, policy: str, version: str, door: str) -> None:
    (tmp_path / "main.tf").write_text(RUN % (policy, version))
    records = [r for r in found(tmp_path, "terraform") if r.check_id == "OAI_TRANSPORT_1"]
    assert [r.resource for r in records] == ["google_cloud_run_v2_service.notes"] * bool(door)
    assert all(door in r.details[0] for r in records)


TASKS = """resource "aws_ecs_task_definition" "notes" {
  family = "notes"
  tags   = { DataClassification = "PHI" }
  container_definitions = jsonencode([{ name = "a", environment = [{ name = "OPENAI_API_KEY", value = var.x }] }])
}
variable "x" {}
resource "aws_ecs_service" "s" {
  task_definition = aws_ecs_task_definition.notes.arn
  load_balancer { target_group_arn = aws_lb_target_group.t.arn }
}
resource "aws_lb_target_group" "t" { name = "t" }
resource "aws_lb" "b" { name = "b" }
resource "aws_lb_listener" "l" {
  load_balancer_arn = aws_lb.b.arn
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  default_action { target_group_arn = aws_lb_target_group.t.arn }
}
resource "aws_lb_listener" "other" {
  load_balancer_arn = aws_lb.b.arn
  protocol          = "HTTP"
  default_action { type = "redirect" }
}
resource "aws_cloudfront_distribution" "c" {
  origin {
    domain_name = aws_lb.b.dns_name
    custom_origin_config { origin_protocol_policy = "%s" }
  }
  viewer_certificate { minimum_protocol_version = "TLSv1.2_2021" }
}
"""


@pytest.mark.parametrize(("protocol", "old"), [("http-only", True), ("https-only", False)])
def test_a_cdn_before_the_balancer_of_a_service(tmp_path: Path, protocol: str, old: bool) -> None:
    (tmp_path / "main.tf").write_text(TASKS % protocol)
    records = [r for r in found(tmp_path, "terraform") if r.check_id == "OAI_TRANSPORT_1"]
    assert [r.resource for r in records] == ["aws_ecs_task_definition.notes"] * old
    assert all("sends it on over plain HTTP, at aws_cloudfront" in r.details[0] for r in records)


def with_account(version: str, value: str) -> str:
    """An ARM template of a site, with a store that it refers to or not."""
    whole = json.loads(arm("1.2")["arm"])
    whole["parameters"] = {"store": {"defaultValue": "letters"}}
    whole["resources"][0]["properties"]["siteConfig"]["appSettings"].append(
        {"name": "STORE", "value": value}
    )
    account = {"type": "Microsoft.Storage/storageAccounts", "name": "[parameters('store')]"}
    whole["resources"].append({**account, "properties": {"minimumTlsVersion": version}})
    return json.dumps(whole, indent=2)


BLOB = "[reference(resourceId('Microsoft.Storage/storageAccounts', parameters('store'))).primaryEndpoints.blob]"
ELSEWHERE = "[reference(resourceId('Microsoft.Storage/storageAccounts', 'other')).x]"


@pytest.mark.parametrize(
    ("version", "value", "old"),
    [
        ("TLS1_0", BLOB, True),
        ("TLS1_2", BLOB, False),
        ("TLS1_0", ELSEWHERE, False),
        ("TLS1_0", BLOB.strip("[]"), False),
    ],
)
def test_a_store_in_arm(tmp_path: Path, version: str, value: str, old: bool) -> None:
    file = tmp_path / "azuredeploy.json"
    file.write_text(with_account(version, value))
    seen = analyse(read_files(FilesInput("arm", str(tmp_path), [str(file)]), around()))
    (workload,) = (w for w in seen.estate.workloads if w.uses)
    assert [s.kind for s in workload.weak_spots] == ["transport"] * old

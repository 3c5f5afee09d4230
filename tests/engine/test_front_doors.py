"""What a PHI workload passes that accepts TLS below 1.2, in Terraform, ARM and Bicep: only what leads to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inprocess import found
from openai_phi.analysis import analyse
from openai_phi.graph_scan import read_files
from openai_phi.scan_input import FilesInput

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
    seen = analyse(read_files(FilesInput(framework, str(tmp_path), [str(file)])))
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
    seen = analyse(read_files(FilesInput("bicep", str(tmp_path), [str(file)])))
    spots = [w.weak_spots for w in seen.estate.workloads if w.uses]
    assert [s.kind for found in spots for s in found] == ["transport"] * old

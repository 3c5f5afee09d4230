"""What accounts and gateways of the cloud log of PHI: bodies and requests, in one's own workspace or elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, found, named, write
from openai_phi.scanning.scan import Options, scan_folder

CLINIC = """resource "azurerm_linux_function_app" "notes" {
  name         = "notes"
  tags         = { DataClassification = "PHI" }
  app_settings = { AZURE_OPENAI_ENDPOINT = TARGET, AZURE_OPENAI_API_KEY = var.k }
}
variable "k" {}
resource "azurerm_cognitive_account" "ai" {
  name                  = "ai"
  kind                  = "OpenAI"
  custom_subdomain_name = "clinic-ai"
}
resource "azurerm_cognitive_account" "other" {
  name                  = "other"
  kind                  = "OpenAI"
  custom_subdomain_name = "other-ai"
}
resource "azurerm_log_analytics_workspace" "own" { name = "own" }
"""
ENDPOINT = "azurerm_cognitive_account.ai.endpoint"


def diagnostic(body: str, of: str = "ai") -> str:
    return f"""resource "azurerm_monitor_diagnostic_setting" "d" {{
  name                       = "d"
  target_resource_id         = azurerm_cognitive_account.{of}.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.own.id
  {body}
}}
"""


def logs(folder: Path) -> list[tuple[str, str, str]]:
    return [
        (r.resource, r.severity.name, r.details[0])
        for r in found(folder, "terraform")
        if r.check_id == "OAI_COVERAGE_7"
    ]


DIAGNOSTICS = {
    "requests": ('enabled_log {\n category = "RequestResponse"\n }', "ai", True),
    "everything": ('enabled_log {\n category_group = "allLogs"\n }', "ai", True),
    "switched off": ('log {\n category = "RequestResponse"\n enabled = false\n }', "ai", False),
    "switched on": ('log {\n category = "RequestResponse"\n enabled = true\n }', "ai", True),
    "audits": ('enabled_log {\n category = "Audit"\n }', "ai", False),
    "a category that nobody knows": ("enabled_log {\n category = var.k\n }", "ai", False),
    "of another account": ('enabled_log {\n category = "RequestResponse"\n }', "other", False),
}


@pytest.mark.parametrize("case", DIAGNOSTICS)
def test_diagnostics_of_an_account(case: str, tmp_path: Path) -> None:
    body, of, kept = DIAGNOSTICS[case]
    write(tmp_path, main_tf=CLINIC.replace("TARGET", ENDPOINT) + diagnostic(body, of))
    said = logs(tmp_path)
    assert [(r, s) for r, s, _ in said] == (
        [("azurerm_linux_function_app.notes", "MEDIUM")] if kept else []
    )


def test_the_finding_says_where_it_is_switched_on(tmp_path: Path) -> None:
    body = 'enabled_log {\n    category = "RequestResponse"\n  }'
    write(tmp_path, main_tf=CLINIC.replace("TARGET", ENDPOINT) + diagnostic(body))
    ((_, _, text),) = logs(tmp_path)
    assert text.endswith(
        "the account's diagnostic log keeps its requests and responses: "
        "category at main.tf:23 (enabled_log[0].category)."
    )


def test_an_account_of_another_root_is_not_joined(tmp_path: Path) -> None:
    body = 'enabled_log {\n category = "RequestResponse"\n }'
    write(
        tmp_path,
        a__main_tf=CLINIC.replace("TARGET", ENDPOINT),
        b__main_tf=CLINIC.partition('resource "azurerm_cognitive_account"')[1]
        + CLINIC.partition('resource "azurerm_cognitive_account"')[2]
        + diagnostic(body),
    )
    assert logs(tmp_path) == []


def test_without_phi_it_is_no_matter(tmp_path: Path) -> None:
    body = 'enabled_log {\n category = "RequestResponse"\n }'
    text = CLINIC.replace("TARGET", ENDPOINT).replace('"PHI"', '"Public"')
    write(tmp_path, main_tf=text + diagnostic(body))
    assert logs(tmp_path) == []


def test_logs_that_a_partner_gets_are_asked_about(tmp_path: Path) -> None:
    body = 'partner_solution_id = var.k\n  enabled_log {\n category = "RequestResponse"\n }'
    write(tmp_path, main_tf=CLINIC.replace("TARGET", ENDPOINT) + diagnostic(body))
    (workload,) = analysis(tmp_path, "terraform").phi_workloads()
    assert [(r.kind, r.known) for r in workload.uses[0].receivers] == [
        ("logs", True),
        ("third_party", False),
    ]
    assert "OAI_COVERAGE_9 azurerm_linux_function_app.notes" in named(tmp_path, "terraform")


GATEWAY = """resource "azurerm_api_management" "main" { name = "apim" }
resource "azurerm_api_management_api" "models" {
  name                = "models"
  api_management_name = azurerm_api_management.main.name
  service_url         = "https://clinic-ai.openai.azure.com/openai"
}
resource "azurerm_api_management_api" "visits" {
  name                = "visits"
  api_management_name = azurerm_api_management.main.name
  service_url         = "https://visits.clinic.example"
}
"""
CALL = '"https://${azurerm_api_management_api.models.name}.azure-api.net"'


def of_api(api: str, size: int) -> str:
    return f"""resource "azurerm_api_management_api_diagnostic" "d" {{
  api_management_name = azurerm_api_management.main.name
  api_name            = azurerm_api_management_api.{api}.name
  frontend_request {{
    body_bytes = {size}
  }}
}}
"""


WHOLE = """resource "azurerm_api_management_diagnostic" "d" {
  api_management_name = azurerm_api_management.main.name
  backend_response {
    body_bytes = 8192
  }
}
"""
GATEWAYS = {
    "bodies of its API": (of_api("models", 8192), True),
    "no bodies": (of_api("models", 0), False),
    "bodies of another API": (of_api("visits", 8192), False),
    "bodies of all": (WHOLE, True),
}


@pytest.mark.parametrize("case", GATEWAYS)
def test_bodies_that_api_management_logs(case: str, tmp_path: Path) -> None:
    text, kept = GATEWAYS[case]
    write(tmp_path, main_tf=CLINIC.replace("TARGET", CALL) + GATEWAY + text)
    said = [r for r, _, _ in logs(tmp_path)]
    assert said == (["azurerm_linux_function_app.notes"] if kept else [])


def test_bicep(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_bicep="""resource ai 'Microsoft.CognitiveServices/accounts@2024-10-01' = {
  name: 'ai'
  kind: 'OpenAI'
  properties: { customSubDomainName: 'clinic-ai' }
}
resource d 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'd'
  scope: ai
  properties: { logs: [ { category: 'RequestResponse', enabled: true } ] }
}
resource notes 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'notes'
  tags: { DataClassification: 'PHI' }
  properties: { template: { containers: [ { name: 'n', env: [
    { name: 'AZURE_OPENAI_ENDPOINT', value: 'https://clinic-ai.openai.azure.com' }
    { name: 'AZURE_OPENAI_API_KEY', secretRef: 'k' } ] } ] } }
}
""",
    )
    findings = scan_folder(Options(str(tmp_path))).findings
    said = [f.resource for f in findings if f.rule == "OAI_COVERAGE_7"]
    assert said == ["Microsoft.App/containerApps.notes"]

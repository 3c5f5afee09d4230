"""Where data goes, and the agreement for personal data of the EU."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, found, named, write
from openai_phi.facts.regions import region_of_deployment, region_of_host, region_of_name
from openai_phi.words.observed import Account, Deployment, Fact, PhiStatus
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource

POD = """apiVersion: v1
kind: Pod
metadata:
  name: notes
  namespace: clinic
  %s
spec:
  containers:
    - name: app
      image: registry.example.org/notes:1
      env:
        - name: OPENAI_API_KEY
          valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}
        - {name: OPENAI_BASE_URL, value: "https://%s/v1"}
"""
PHI = "labels: {data-classification: phi}"
POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-a], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_a], approved_on: 2026-10-10}
projects:
  - {id: proj_a, organization: org-a, terraform: openai_project.a, delegated_to: ["**"]%s}
%s"""
DECLARED = """version: 1
workloads:
  - {match: Pod.clinic.notes, data: %s, project: proj_a, endpoints: [/v1/responses], features: []}
"""
PROJECT = 'resource "openai_project" "a" {\n  name      = "a"\n  geography = "%s"\n}\n'


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("api.openai.com", "any region"),
        ("mtls.api.openai.com", "any region"),
        ("eu.api.openai.com", "eu"),
        ("us.api.openai.com", "us"),
        ("ae.api.openai.com", "ae"),
        ("clinic.openai.azure.us", "us"),
        ("clinic.openai.azure.com", ""),
        ("gateway.example.org", ""),
    ],
)
def test_the_region_of_a_host(host: str, region: str) -> None:
    assert region_of_host(host) == region


def test_the_names_of_a_region() -> None:
    names = ("EU", "Europe", "us", "United States", "UK", "mars")
    assert [region_of_name(n) for n in names] == ["eu", "eu", "us", "us", "gb", "mars"]


@pytest.mark.parametrize(
    ("location", "sku", "region"),
    [
        ("westeurope", "Standard", "eu"),
        ("Sweden Central", "ProvisionedManaged", "eu"),
        ("westeurope", "GlobalStandard", "any region"),
        ("westeurope", "GlobalBatch", "any region"),
        ("westeurope", "DeveloperTier", "any region"),
        ("westeurope", "DataZoneStandard", "eu"),
        ("eastus2", "DataZoneProvisionedManaged", "us"),
        ("uksouth", "DataZoneStandard", ""),
        ("uksouth", "Standard", "gb"),
        ("", "Standard", ""),
        ("", "GlobalStandard", "any region"),
        ("westeurope", "", ""),
        ("elsewhere", "Standard", ""),
    ],
)
def test_where_a_deployment_runs(location: str, sku: str, region: str) -> None:
    at = Resource("terraform", "x", "x.a", "a", "", "m.tf", 1, 2)
    fact = Fact(None, Place("m.tf", 1))
    account = Account(
        resource=at,
        provider="azure-openai",
        subdomain="",
        hosts=(),
        location=location,
        public_network=fact,
        local_auth=fact,
        fix={},
    )
    assert (
        region_of_deployment(
            account, Deployment(resource=at, name="d", model="gpt-4o", version="", sku=sku)
        )
        == region
    )


CASES = {
    # host, project in the policy, limits, geography in Terraform -> the end of the one message
    "another region's host": (
        "us.api.openai.com", "", "limits: {regions: [eu, gb]}", "",
        "us.api.openai.com, which is bound to us; declared is eu, gb "
        "(limits.regions of openai-policy.yaml).",
    ),
    "the region's host": ("gb.api.openai.com", "", "limits: {regions: [eu, uk]}", "", ""),
    "a host bound to none": (
        "api.openai.com", "", "limits: {region: eu}", "",
        "api.openai.com, which is bound to no region; declared is eu "
        "(limits.regions of openai-policy.yaml).",
    ),
    "a host bound to none, of a project of the region": (
        "api.openai.com", ", geography: EU", "limits: {region: eu}", "", "",
    ),
    "no region is declared": ("us.api.openai.com", "", "", "", ""),
    "the project's geography is what is declared": (
        "us.api.openai.com", ", geography: eu", "", "",
        "us.api.openai.com, which is bound to us; declared is eu "
        "(project proj_a at openai-policy.yaml:6).",
    ),
    "Terraform puts the project elsewhere": (
        "eu.api.openai.com", "", "limits: {region: eu}", "US",
        "stores in us (at main.tf:3 (geography)); declared is eu (limits.regions of openai-policy.yaml).",
    ),
    "Terraform says the same": ("eu.api.openai.com", "", "limits: {region: eu}", "EU", ""),
    "a host that nothing is known of": (
        "gateway.example.org", "", "limits: {region: eu}", "", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_lies_outside_the_declared_region(tmp_path: Path, case: str) -> None:
    host, project, limits, geography, message = CASES[case]
    files = {"openai-policy_yaml": POLICY % (project, limits), "notes_yaml": POD % (PHI, host)}
    if geography:
        files["main_tf"] = PROJECT % geography
    write(tmp_path, **files, **{"openai-compliance_yaml": DECLARED % "phi"})
    records = [r for r in found(tmp_path, "kubernetes") if r.check_id == "OAI_RESIDENCY_1"]
    assert [r.details[0].endswith(message) for r in records] == ([True] if message else [])


AZURE = """
resource "azurerm_cognitive_account" "ai" {
  name                          = "ai"
  kind                          = "OpenAI"
  location                      = "westeurope"
  custom_subdomain_name         = "clinic-ai"
  public_network_access_enabled = false
  local_auth_enabled            = false
}

resource "azurerm_cognitive_deployment" "chat" {
  name                 = "chat"
  cognitive_account_id = azurerm_cognitive_account.ai.id
  model {
    format = "OpenAI"
    name   = "gpt-4o"
  }
  sku {
    name = "%s"
  }
}

resource "aws_lambda_function" "notes" {
  function_name = "notes"
  tags          = { DataClassification = "PHI" }
  environment {
    variables = {
      AZURE_OPENAI_ENDPOINT   = azurerm_cognitive_account.ai.endpoint
      AZURE_OPENAI_DEPLOYMENT = azurerm_cognitive_deployment.chat.name
    }
  }
}
"""


@pytest.mark.parametrize(
    ("sku", "region", "count"),
    [("GlobalStandard", "eu", 1), ("DataZoneStandard", "eu", 0), ("Standard", "us", 1)],
)
def test_a_deployment_that_runs_elsewhere(
    tmp_path: Path, sku: str, region: str, count: int
) -> None:
    policy = POLICY % ("", f"limits: {{region: {region}}}")
    write(tmp_path, main_tf=AZURE % sku, **{"openai-policy_yaml": policy})
    told = [t for t in named(tmp_path, "terraform") if "RESIDENCY" in t]
    assert told == ["OAI_RESIDENCY_1 azurerm_cognitive_deployment.chat"] * count


def test_an_account_that_stores_elsewhere(tmp_path: Path) -> None:
    account, _, rest = AZURE.partition('resource "azurerm_cognitive_deployment"')
    text = account + rest[rest.index('resource "aws') :].replace(
        "      AZURE_OPENAI_DEPLOYMENT = azurerm_cognitive_deployment.chat.name\n", ""
    )
    for name, region, count in (("in", "eu", 0), ("out", "us", 1)):
        policy = POLICY % ("", f"limits: {{region: {region}}}")
        write(tmp_path / name, main_tf=text, **{"openai-policy_yaml": policy})
        told = [t for t in named(tmp_path / name, "terraform") if "RESIDENCY" in t]
        assert told == ["OAI_RESIDENCY_1 azurerm_cognitive_account.ai"] * count


DPA = "  - {kind: dpa, provider: openai%s, signed_on: 2026-02-01%s}\n"
ALL = POLICY.replace("\nprojects:", "\n" + DPA % ("", "") + "projects:")


@pytest.mark.parametrize(
    ("labels", "data", "status", "rules"),
    [
        (PHI, "[phi, personal_eu]", PhiStatus.PHI, ["OAI_RESIDENCY_2"]),
        (PHI, "personal_eu", PhiStatus.PHI, ["OAI_RESIDENCY_2"]),
        ("labels: {a: b}", "personal_eu", PhiStatus.NOT_PHI, ["OAI_RESIDENCY_2"]),
        (PHI, "phi", PhiStatus.PHI, []),
        ("annotations: {openai-compliance/data: personal_eu}", "", PhiStatus.SUSPECTED, None),
        ("annotations: {openai-compliance/data: 'phi, personal_eu'}", "", PhiStatus.PHI, None),
    ],
)
def test_personal_data_of_the_eu_is_beside_phi(
    tmp_path: Path, labels: str, data: str, status: PhiStatus, rules: list[str] | None
) -> None:
    text = DECLARED % data if data else DECLARED.replace("data: %s, ", "")
    files = {"notes_yaml": POD % (labels, "api.openai.com"), "openai-compliance_yaml": text}
    without, within = tmp_path / "without", tmp_path / "within"
    write(without, **files, **{"openai-policy_yaml": POLICY % ("", "")})
    write(within, **files, **{"openai-policy_yaml": ALL % ("", "")})
    (one,) = analysis(without, "kubernetes").estate.workloads
    assert one.phi is status
    told = [t.split(" ")[0] for t in named(without, "kubernetes", "yaml") if "DECLARATION" not in t]
    assert told == (["OAI_RESIDENCY_2"] if rules is None else rules)
    assert not [t for t in named(within, "kubernetes") if "RESIDENCY" in t]


@pytest.mark.parametrize(
    ("agreement", "held"),
    [
        (DPA % ("", ""), True),
        (DPA % (", organizations: [org-a]", ""), True),
        (DPA % (", organizations: [org-b]", ""), False),
        (DPA % ("", ", expires_on: 2026-11-19"), False),
        (DPA.replace("openai", "azure-openai") % ("", ""), False),
        ("", False),
    ],
)
def test_which_dpa_holds(tmp_path: Path, agreement: str, held: bool) -> None:
    write(
        tmp_path,
        notes_yaml=POD % (PHI, "api.openai.com"),
        **{
            "openai-policy_yaml": (POLICY % ("", "")).replace(
                "\nprojects:", f"\n{agreement}projects:"
            )
        },
        **{"openai-compliance_yaml": DECLARED % "[phi, personal_eu]"},
    )
    records = found(tmp_path, "kubernetes")
    assert [r.check_id for r in records] == ([] if held else ["OAI_RESIDENCY_2"])
    if records:
        assert records[0].details[0] == (
            "Personal data of the EU of Pod.clinic.notes goes to api.openai.com, and no "
            "data processing agreement with openai for organization org-a is in force."
        )

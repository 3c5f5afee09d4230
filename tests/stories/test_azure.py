"""Azure OpenAI: the verdict under product terms, and the accounts that the code declares."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from checkov.arm.runner import Runner as ArmRunner
from checkov.bicep.runner import Runner as BicepRunner

import inprocess
from inprocess import analysis, found, named, write
from openai_phi.declared.agreements import Agreement
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.declared_limits import Limits
from openai_phi.declared.policy_file import Credential, Policy
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.linking.accounts import Accounts
from openai_phi.plugin import bridge
from openai_phi.reading.terraform.proofs import Proofs
from openai_phi.verdicts.analysis import analyse, joined
from openai_phi.verdicts.judging import Judge
from openai_phi.words.observed import Account, Assurance, Deployment, Fact, PhiStatus, Use, Workload
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource, Setting, Unknown
from openai_phi.words.verdict import Conjunct, Verdict
from openai_phi.words.workload_declarations import WorkloadDeclaration

TODAY = date(2026, 11, 20)
HERE = Place("openai-policy.yaml", 1)
HELD, BROKEN, MISSING = "held", "broken", "missing"

# Whether the product terms are attested for the subscription, and what that makes of the BAA.
TERMS = {
    "for the subscription": HELD,
    "for all subscriptions": HELD,
    "expired": BROKEN,
    "not yet": BROKEN,
    "for another subscription": MISSING,
    "not at all": MISSING,
    "subscription unknown": MISSING,
    "subscription named by the team alone": MISSING,
}
MODELS: dict[str, tuple[tuple[str, ...] | None, tuple[str, str] | None, str]] = {
    # what the team declares, what the account serves, what that makes of availability
    "declared": (("gpt-4o",), None, HELD),
    "declared with its version": (("gpt-4 turbo-2024-04-09",), None, HELD),
    "deployed": (None, ("gpt-4o", "2024-11-20"), HELD),
    "a preview": (("gpt-5.2-chat",), None, BROKEN),
    "a preview version": (("gpt-4 1106-Preview",), None, BROKEN),
    "a preview is deployed": (None, ("gpt-4o-realtime-preview", ""), BROKEN),
    "declared, but a preview is deployed": (("gpt-4o",), ("o1-preview", ""), BROKEN),
    "not settled": (("gpt-9",), None, MISSING),
    "unknown": (None, None, MISSING),
}
ENDPOINTS = {
    "/v1/chat/completions": (HELD, HELD),  # of the endpoint, of availability
    "/v1/responses": (HELD, HELD),
    "/v1/embeddings": (HELD, HELD),
    "/v1/files": (HELD, HELD),
    "/v1/assistants": (BROKEN, BROKEN),  # shut down
    "/v1/images/generations": (MISSING, HELD),
    "/v1/audio/transcriptions": (MISSING, HELD),
    "/v1/containers": (MISSING, HELD),
    "*": (MISSING, HELD),
    "": (MISSING, HELD),
}
FEATURES: dict[str, tuple[tuple[str, ...] | None, Conjunct | None, str]] = {
    "none": ((), None, HELD),
    "web grounding": (("web_grounding",), Conjunct.GROUNDING, BROKEN),
    "web search by OpenAI's name": (("live_web_search",), Conjunct.GROUNDING, BROKEN),
    "stored completions": (("stored_completions",), Conjunct.AVAILABILITY, BROKEN),
    "stored responses": (("stored_responses",), None, HELD),
    "an MCP server": (("remote_mcp",), Conjunct.FEATURE, BROKEN),
    "images": (("image_input",), Conjunct.FEATURE, MISSING),
    "undeclared": (None, Conjunct.FEATURE, MISSING),
}
ASKS = {"/v1/chat/completions", "/v1/responses"}


UNBOUND = ("subscription unknown", "subscription named by the team alone")


def declared_by(terms: str) -> Declarations:
    organizations = {"for all subscriptions": (), "for another subscription": ("sub-b",)}
    dates = {"expired": {"expires_on": "2026-11-19"}, "not yet": {"signed_on": "2026-11-21"}}
    held = Agreement(
        kind="baa",
        provider="azure-openai",
        organizations=organizations.get(terms, ("sub-a",)),
        dates=dates.get(terms, {"signed_on": "2026-02-01"}),
        place=HERE,
    )
    agreements = () if terms == "not at all" else (held,)
    limits = Limits(minimum_assurance=Assurance.ATTESTED)
    line = Credential(
        store="host", reference="*.openai.azure.com", project="", subscription="sub-a", place=HERE
    )
    policy = Policy(
        file=HERE.file,
        agreements=agreements,
        limits=limits,
        credentials=() if terms in UNBOUND else (line,),
    )
    return Declarations(policy=policy)


def workload(terms: str, models: str, endpoint: str, features: tuple[str, ...] | None) -> Workload:
    said, served, _ = MODELS[models]
    resource = Resource("kubernetes", "Deployment", "Deployment.a", "a", "", "a.yaml", 1, 9)
    account = None
    if served:
        at = Resource("terraform", "azurerm_cognitive_account", "x.ai", "ai", "", "m.tf", 1, 9)
        unknown = Fact(None, Place("m.tf", 1))
        deployment = Deployment(
            resource=at, name="chat", model=served[0], version=served[1], sku="Standard"
        )
        account = Account(
            resource=at,
            provider="azure-openai",
            subdomain="ai",
            hosts=(),
            location="",
            public_network=unknown,
            local_auth=unknown,
            fix={},
            deployments=(deployment,),
        )
    organization = None if terms == "subscription unknown" else "sub-a"
    declared = WorkloadDeclaration(
        match="*",
        data="phi",
        organization=organization,
        endpoints=(endpoint,) if endpoint else None,
        features=features,
        place=HERE,
        models=said,
    )
    use = Use("azure-openai", "ai.openai.azure.com", (), account=account)
    return Workload(
        resource=resource, phi=PhiStatus.PHI, phi_evidence=(), uses=(use,), declaration=declared
    )


def test_every_combination() -> None:
    catalogue = load_catalogue()
    wrong = []
    for terms, models, endpoint, features in itertools.product(TERMS, MODELS, ENDPOINTS, FEATURES):
        told, conjunct, feature = FEATURES[features]
        if features == "undeclared" and endpoint not in ASKS:
            feature = HELD
        outcomes = {
            (Conjunct.CREDENTIAL if terms in UNBOUND else Conjunct.BAA, TERMS[terms]),
            (Conjunct.AVAILABILITY, MODELS[models][2]),
            (Conjunct.ENDPOINT, ENDPOINTS[endpoint][0]),
            (Conjunct.AVAILABILITY, ENDPOINTS[endpoint][1]),
            (conjunct or Conjunct.FEATURE, feature),
        }
        one = workload(terms, models, endpoint, told)
        got = Judge(declared_by(terms), catalogue, TODAY, Proofs()).assess(one, one.uses[0])
        broken = {c for c, o in outcomes if o == BROKEN}
        missing = {c for c, o in outcomes if o == MISSING}
        verdict = (
            Verdict.NOT_COVERED if broken else Verdict.UNPROVEN if missing else Verdict.COVERED
        )
        seen = (
            got.verdict,
            {b.conjunct for b in got.broken},
            {m.conjunct for m in got.missing},
        )
        if seen != (verdict, broken, missing):
            wrong.append((terms, models, endpoint, features, seen, (verdict, broken, missing)))
        if got.verdict is Verdict.COVERED:
            assert got.assurance is Assurance.ATTESTED
    assert wrong == []


def test_without_a_policy_the_terms_are_unproven_and_a_claim_counts() -> None:
    judge = Judge(Declarations(), load_catalogue(), TODAY, Proofs())
    one = workload("for the subscription", "declared", "/v1/embeddings", ())
    for claim, verdict in (
        (None, Verdict.UNPROVEN),
        (True, Verdict.COVERED),
        (False, Verdict.NOT_COVERED),
    ):
        use = Use("azure-openai", "ai.openai.azure.com", (), baa_claim=claim)
        assert judge.assess(one, use).verdict is verdict


# -- accounts in each language ------------------------------------------------------------------

AZURERM = """
resource "azurerm_cognitive_account" "ai" {
  name                  = "ai"
  kind                  = "OpenAI"
  custom_subdomain_name = "clinic-ai"
%s}
"""
AI_SERVICES = """
resource "azurerm_ai_services" "ai" {
  name                  = "ai"
  custom_subdomain_name = "clinic-ai"
%s}
"""
AZAPI = """
resource "azapi_resource" "ai" {
  type = "Microsoft.CognitiveServices/accounts@2024-10-01"
  name = "ai"
  body = jsonencode({ kind = "OpenAI", properties = { customSubDomainName = "clinic-ai"%s } })
}
"""
CALLER = """
resource "aws_lambda_function" "notes" {
  function_name = "notes"
  tags          = { DataClassification = "PHI" }
  environment {
    variables = {
      AZURE_OPENAI_ENDPOINT = "https://clinic-ai.openai.azure.com/"
    }
  }
}
"""
FORMS = {
    # form -> (account, nothing set, both closed, only a firewall)
    "azurerm": (
        AZURERM,
        "  public_network_access_enabled = false\n  local_auth_enabled = false\n",
        '  local_auth_enabled = false\n  network_acls {\n    default_action = "Deny"\n  }\n',
    ),
    "ai services": (
        AI_SERVICES,
        '  public_network_access = "Disabled"\n  local_authentication_enabled = false\n',
        '  local_authentication_enabled = false\n  network_acls {\n    default_action = "Deny"\n  }\n',
    ),
    "azapi": (
        AZAPI,
        ', publicNetworkAccess = "Disabled", disableLocalAuth = true',
        ', networkAcls = { defaultAction = "Deny" }, disableLocalAuth = true',
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_account_is_found_by_its_host_and_open_unless_it_says_otherwise(
    tmp_path: Path, form: str
) -> None:
    text, closed, firewall = FORMS[form]
    for setting, ways in (("", 2), (closed, 0), (firewall, 0)):
        folder = tmp_path / str(ways) / str(len(setting))
        write(folder, main_tf=text % setting + CALLER)
        told = [t for t in named(folder, "terraform") if t.startswith("OAI_AZURE_3")]
        assert len(told) == ways, (form, setting)
        assert len(set(told)) == min(ways, 1)


def test_an_account_that_no_phi_reaches_is_nobodys_matter(tmp_path: Path) -> None:
    write(tmp_path, main_tf=AZURERM % "" + CALLER.replace("PHI", "public"))
    assert not [t for t in named(tmp_path, "terraform") if "AZURE" in t]


BICEP = """
resource ai 'Microsoft.CognitiveServices/accounts@2024-10-01' = {
  name: 'clinic-ai'
  location: 'eastus'
  kind: 'OpenAI'
  properties: {
    customSubDomainName: 'clinic-ai'
    disableLocalAuth: true
  }
}

resource chat 'Microsoft.CognitiveServices/accounts/deployments@2024-10-01' = {
  parent: ai
  name: 'chat'
  sku: { name: 'GlobalStandard' }
  properties: { model: { name: 'gpt-5.2-chat', version: '2026-02-10' } }
}

resource web 'Microsoft.Web/sites@2022-09-01' = {
  name: 'web'
  tags: { DataClassification: 'PHI' }
  properties: {
    siteConfig: {
      appSettings: [
        { name: 'AZURE_OPENAI_ENDPOINT', value: ai.properties.endpoint }
        { name: 'AZURE_OPENAI_DEPLOYMENT', value: 'chat' }
      ]
    }
  }
}
"""
ARM = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [
        {
            "type": "Microsoft.CognitiveServices/accounts",
            "apiVersion": "2024-10-01",
            "name": "clinic-ai",
            "kind": "OpenAI",
            "properties": {"customSubDomainName": "clinic-ai", "disableLocalAuth": True},
        },
        {
            "type": "Microsoft.CognitiveServices/accounts/deployments",
            "apiVersion": "2024-10-01",
            "name": "clinic-ai/chat",
            "sku": {"name": "GlobalStandard"},
            "properties": {"model": {"name": "gpt-5.2-chat", "version": "2026-02-10"}},
        },
        {
            "type": "Microsoft.Web/sites",
            "apiVersion": "2022-09-01",
            "name": "web",
            "tags": {"DataClassification": "PHI"},
            "properties": {
                "siteConfig": {
                    "appSettings": [
                        {
                            "name": "AZURE_OPENAI_ENDPOINT",
                            "value": "https://clinic-ai.openai.azure.com/",
                        },
                        {"name": "AZURE_OPENAI_DEPLOYMENT", "value": "chat"},
                    ]
                }
            },
        },
    ],
}


@pytest.mark.parametrize("form", ["bicep", "arm"])
def test_bicep_and_arm_say_the_same(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(inprocess.MORE, "bicep", BicepRunner)
    monkeypatch.setitem(inprocess.MORE, "arm", ArmRunner)
    if form == "bicep":
        write(tmp_path, main_bicep=BICEP)
    else:
        write(tmp_path, azuredeploy_json=json.dumps(ARM, indent=2))
    told = {(t.split(" ")[0], t.rpartition(".")[2]) for t in named(tmp_path, form)}
    account = "ai" if form == "bicep" else "clinic-ai"
    assert told == {
        ("OAI_AZURE_1", account),
        ("OAI_AZURE_2", "web"),
        ("OAI_AZURE_3", account),
        ("OAI_COVERAGE_9", "web"),
    }


def test_the_account_that_a_workload_refers_to_is_its_host(tmp_path: Path) -> None:
    text = AZURERM.replace('  custom_subdomain_name = "clinic-ai"\n', "") % ""
    caller = CALLER.replace(
        '"https://clinic-ai.openai.azure.com/"', "azurerm_cognitive_account.ai.endpoint"
    )
    write(tmp_path, main_tf=text + caller)
    (use,) = analysis(tmp_path, "terraform").estate.workloads[0].uses
    assert use.account
    assert (use.host, use.account.resource.id) == ("azurerm_cognitive_account.ai",) * 2
    write(tmp_path, main_tf=text + caller.replace("AZURE_OPENAI_ENDPOINT", "LLM_ADDRESS"))
    (use,) = analysis(tmp_path, "terraform").estate.workloads[0].uses
    assert (use.provider, use.account is not None) == ("azure-openai", True)


def test_a_preview_of_the_api_alone_is_low_and_changes_no_verdict(tmp_path: Path) -> None:
    version = '      OPENAI_API_VERSION = "2025-04-01-preview"\n'
    caller = CALLER.replace("    variables = {\n", "    variables = {\n" + version)
    write(
        tmp_path,
        main_tf=caller,
        openai_policy_yaml="",
        openai_compliance_yaml="",
    )
    for old in tmp_path.glob("*.yaml"):
        old.unlink()
    (tmp_path / "openai-policy.yaml").write_text(
        "version: 1\nagreements:\n  - {kind: baa, provider: azure-openai, signed_on: 2026-02-01}\n"
        "  - {kind: modified_abuse_monitoring, provider: azure-openai, approved_on: 2026-02-01}\n"
    )
    (tmp_path / "openai-compliance.yaml").write_text(
        "version: 1\nworkloads:\n  - {match: aws_lambda_function.notes, data: phi, "
        "endpoints: [/v1/chat/completions], features: [], models: [gpt-4o]}\n"
    )
    (record,) = found(tmp_path)
    assert (record.check_id, record.severity.name) == ("OAI_AZURE_2", "LOW")
    assert record.details[0] == (
        "aws_lambda_function.notes handles PHI and calls clinic-ai.openai.azure.com by the API "
        "version 2025-04-01-preview, which is a preview."
    )


MESSAGES = {
    "OAI_AZURE_1": "PHI of azurerm_linux_function_app.notes goes to clinic-ai.openai.azure.com, where "
    "prompts and completions that are flagged may be sampled, kept and, where the automated review is not enough, reviewed by people: no approval "
    "of modified abuse monitoring is recorded.",
    "OAI_AZURE_2": "azurerm_linux_function_app.notes handles PHI and uses clinic-ai.openai.azure.com: "
    "model gpt-5.2-chat 2026-02-10 is a preview, which the terms leave out (edition 2026-10).",
    "OAI_AZURE_3": "azurerm_cognitive_account.ai receives PHI of azurerm_linux_function_app.notes and "
    "may be called from any network (the default, as the code sets nothing else).",
    "OAI_AZURE_4": "azurerm_linux_function_app.notes handles PHI and uses clinic-ai.openai.azure.com: "
    "web_grounding is on and excluded: grounding on the web sends the query to Bing, outside the Azure "
    "compliance boundary.",
}
EXAMPLES = Path(__file__).resolve().parent.parent / "rules"
BAD = {
    "OAI_AZURE_1": "abuse_monitoring_not_modified",
    "OAI_AZURE_2": "preview_with_phi",
    "OAI_AZURE_3": "account_left_open",
    "OAI_AZURE_4": "web_grounding_on",
}


@pytest.mark.parametrize("rule", MESSAGES)
def test_the_message(rule: str) -> None:
    records = [r for r in found(EXAMPLES / BAD[rule] / "bad", "terraform") if r.check_id == rule]
    assert MESSAGES[rule] in [r.details[0] for r in records]


def test_on_a_plan_what_is_absent_is_unknown() -> None:
    settings = (
        Setting("kind", "OpenAI", ("kind",), 1),
        Setting("custom_subdomain_name", "clinic-ai", ("custom_subdomain_name",), 1),
    )
    for framework, said in (("terraform", True), ("terraform_plan", None)):
        resource = Resource(
            framework, "azurerm_cognitive_account", "azurerm_cognitive_account.ai", "ai", "", "p", 1, 9,
            settings,
        )  # fmt: skip
        (account,) = Accounts([resource]).all
        assert (account.public_network.value, account.local_auth.value) == (said, said)
        assert account.host == "clinic-ai.openai.azure.com"


def test_an_unknown_setting_is_neither_open_nor_closed() -> None:
    unknown = Unknown("var.x")
    settings = (
        Setting("kind", "AIServices", ("kind",), 1),
        Setting("x", unknown, ("public_network_access_enabled",), 1),
        Setting("x", unknown, ("local_auth_enabled",), 1),
    )
    resource = Resource(
        "terraform", "azurerm_cognitive_account", "a.ai", "ai", "", "p", 1, 9, settings
    )
    (account,) = Accounts([resource]).all
    assert (account.public_network.value, account.local_auth.value) == (None, None)
    other = replace(resource, settings=(Setting("kind", "SpeechServices", ("kind",), 1),))
    assert Accounts([other]).all == ()


def test_a_manifest_finds_the_account_in_the_terraform_beside_it(tmp_path: Path) -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: notes, namespace: clinic, labels: {phi: 'true'}}\n"
        "spec:\n  containers:\n    - name: app\n      image: registry.example.org/notes:1\n      env:\n"
        '        - {name: AZURE_OPENAI_ENDPOINT, value: "https://clinic-ai.openai.azure.com/"}\n'
    )
    write(tmp_path, main_tf=AZURERM % "", pod_yaml=pod)
    assert not [t for t in named(tmp_path, "kubernetes") if "AZURE_3" in t]
    bridge.collected = []
    try:
        inprocess.reports(tmp_path, "terraform", "kubernetes")
        whole = analyse(joined(bridge.collected))
    finally:
        bridge.collected = None
    ((account, users),) = whole.by_account()
    assert account.resource.id == "azurerm_cognitive_account.ai"
    assert [a.workload.id for a in users] == ["Pod.clinic.notes"]

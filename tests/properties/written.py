"""Programs with PHI, put together from parts, and each framework's words for them.

A `Program` says what is true of it; a writer makes files of it, and its way to say that a value is not known.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

UNKNOWN = "\0"
"""A value that the framework cannot evaluate; each writer has its own words for it."""


@dataclass(frozen=True)
class Program:
    """One program: its variables in order, whether its key is the covered one, its marks."""

    env: tuple[tuple[str, str], ...] = ()
    key: str = ""
    """The variable that the covered key fills; empty for none."""
    phi: bool = True
    args: tuple[str, ...] = ()
    name: str = "notes"

    def given(self, name: str, value: str) -> Program:
        """The same with one variable more, or with another value of it."""
        rest = tuple((n, v) for n, v in self.env if n != name)
        return replace(self, env=(*rest, (name, value)))


Files = dict[str, str]
quoted = json.dumps


def _labels(p: Program) -> dict[str, str]:
    return {"app": p.name, **({"data-classification": "phi"} if p.phi else {})}


def kubernetes(p: Program) -> Files:
    entries: list[dict[str, object]] = []
    for name, value in p.env:
        missing = {"valueFrom": {"configMapKeyRef": {"name": "elsewhere", "key": "k"}}}
        entries.append({"name": name, **(missing if value == UNKNOWN else {"value": value})})
    if p.key:
        secret = {"secretKeyRef": {"name": "openai", "key": "OPENAI_API_KEY"}}
        entries.append({"name": p.key, "valueFrom": secret})
    container = {"name": "app", "image": "registry.example.org/app:1", "env": entries}
    if p.args:
        container["args"] = list(p.args)
    return {
        "app.yaml": f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: {p.name}, namespace: clinic}}
spec:
  selector: {{matchLabels: {{app: {p.name}}}}}
  template:
    metadata: {{labels: {quoted(_labels(p))}}}
    spec:
      containers:
        - {quoted(container)}
"""
    }


def kustomize(p: Program) -> Files:
    made = kubernetes(p)
    return {**made, "kustomization.yaml": "resources: [app.yaml]\n"}


def helm(p: Program) -> Files:
    text = kubernetes(p)["app.yaml"]
    missing = {"valueFrom": {"configMapKeyRef": {"name": "elsewhere", "key": "k"}}}
    assert UNKNOWN not in text
    return {
        "Chart.yaml": f"apiVersion: v2\nname: {p.name}\nversion: 0.1.0\n",
        "values.yaml": quoted({"missing": missing}) + "\n",
        "templates/app.yaml": text,
    }


def compose(p: Program) -> Files:
    env = {n: "${MISSING_VALUE}" if v == UNKNOWN else v.replace("$", "$$") for n, v in p.env}
    if p.key:
        env[p.key] = "${CLINIC_OPENAI_API_KEY:?}"
    service: dict[str, object] = {"image": "registry.example.org/app:1", "environment": env}
    service["labels"] = _labels(p)
    if p.args:
        service["command"] = list(p.args)
    return {"compose.yaml": f"services:\n  {p.name}: {quoted(service)}\n"}


def _hcl(value: str) -> str:
    return "var.missing" if value == UNKNOWN else quoted(value).replace("${", "$${")


def terraform(p: Program) -> Files:
    lines = [f"      {n} = {_hcl(v)}\n" for n, v in p.env]
    if p.key:
        secret = "data.aws_secretsmanager_secret_version.k.secret_string"
        lines.append(f"      {p.key} = {secret}\n")
    tags = '{ DataClassification = "PHI" }' if p.phi else "{}"
    return {
        "main.tf": f"""variable "missing" {{}}
data "aws_secretsmanager_secret_version" "k" {{
  secret_id = "clinic/openai"
}}
resource "aws_lambda_function" "{p.name}" {{
  function_name = "{p.name}"
  role          = "arn:aws:iam::111122223333:role/app"
  image_uri     = "registry.example.org/app:1"
  tags          = {tags}
  image_config {{
    command = {quoted(list(p.args))}
  }}
  environment {{
    variables = {{
{"".join(lines)}    }}
  }}
}}
"""
    }


def ecs(p: Program) -> Files:
    env = "".join(f"      {{ name = {quoted(n)}, value = {_hcl(v)} }},\n" for n, v in p.env)
    arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:clinic/openai-AbCdEf"
    secrets = f'    secrets = [{{ name = "{p.key}", valueFrom = "{arn}" }}]\n' if p.key else ""
    tags = '{ DataClassification = "PHI" }' if p.phi else "{}"
    return {
        "main.tf": f"""variable "missing" {{}}
resource "aws_ecs_task_definition" "{p.name}" {{
  family = "{p.name}"
  tags   = {tags}
  container_definitions = jsonencode([{{
    name        = "app"
    image       = "registry.example.org/app:1"
    command     = {quoted(list(p.args))}
    environment = [
{env}    ]
{secrets}  }}])
}}
"""
    }


def _template(p: Program, type_: str, more: dict[str, object], tags: object) -> str:
    env: dict[str, object] = {"A": "b"}
    env.update({n: {"Ref": "Missing"} if v == UNKNOWN else v for n, v in p.env})
    if p.key:
        env[p.key] = "{{resolve:secretsmanager:clinic/openai}}"
    properties = {**more, "Environment": {"Variables": env}, **({"Tags": tags} if p.phi else {})}
    whole = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {"Missing": {"Type": "String"}},
        "Resources": {p.name.capitalize(): {"Type": type_, "Properties": properties}},
    }
    if type_ == "AWS::Serverless::Function":
        whole["Transform"] = "AWS::Serverless-2016-10-31"
    return quoted(whole, indent=1)


def cloudformation(p: Program) -> Files:
    more: dict[str, object] = {
        "ImageConfig": {"Command": list(p.args)},
        "Role": "arn:aws:iam::1:role/a",
    }
    tags = [{"Key": "DataClassification", "Value": "PHI"}]
    return {"template.yaml": _template(p, "AWS::Lambda::Function", more, tags)}


def sam(p: Program) -> Files:
    more: dict[str, object] = {"Handler": "a.b", "Runtime": "python3.12", "CodeUri": "src"}
    tags = {"DataClassification": "PHI"}
    return {"template.yaml": _template(p, "AWS::Serverless::Function", more, tags)}


def arm(p: Program) -> Files:
    vault = "@Microsoft.KeyVault(VaultName=clinic-kv;SecretName=openai)"
    settings = [
        {"name": n, "value": "[parameters('missing')]" if v == UNKNOWN else v} for n, v in p.env
    ]
    settings += [{"name": p.key, "value": vault}] if p.key else []
    site = {
        "type": "Microsoft.Web/sites",
        "apiVersion": "2023-12-01",
        "name": p.name,
        "location": "eastus",
        "tags": {"DataClassification": "PHI"} if p.phi else {},
        "properties": {"httpsOnly": True, "siteConfig": {"appSettings": settings}},
    }
    whole = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"missing": {"type": "string"}},
        "resources": [site],
    }
    return {"azuredeploy.json": quoted(whole, indent=1)}


def _bicep(value: str) -> str:
    if value == UNKNOWN:
        return "missing"
    plain = value.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    return f"'{plain}'"


def bicep(p: Program) -> Files:
    vault = "'@Microsoft.KeyVault(VaultName=clinic-kv;SecretName=openai)'"
    entries = [(n, _bicep(v)) for n, v in p.env] + ([(p.key, vault)] if p.key else [])
    settings = "".join(f"        {{ name: '{n}', value: {v} }}\n" for n, v in entries)
    tags = "{ DataClassification: 'PHI' }" if p.phi else "{}"
    return {
        "main.bicep": f"""param missing string
resource site 'Microsoft.Web/sites@2023-12-01' = {{
  name: '{p.name}'
  location: 'eastus'
  tags: {tags}
  properties: {{
    httpsOnly: true
    siteConfig: {{
      appSettings: [
{settings}      ]
    }}
  }}
}}
"""
    }


def serverless(p: Program) -> Files:
    env = {n: "${env:MISSING_VALUE}" if v == UNKNOWN else v for n, v in p.env}
    if p.key:
        env[p.key] = "${ssm:/clinic/openai}"
    function: dict[str, object] = {"handler": "a.b", "environment": {"A": "b", **env}}
    if p.phi:
        function["tags"] = {"DataClassification": "PHI"}
    head = "service: app\nprovider: {name: aws, runtime: python3.12}\n"
    return {"serverless.yml": f"{head}functions:\n  {p.name}: {quoted(function)}\n"}


def actions(p: Program) -> Files:
    env = {n: "${{ vars.MISSING_VALUE }}" if v == UNKNOWN else v for n, v in p.env}
    if p.phi:
        env["DATA_CLASSIFICATION"] = "phi"
    if p.key:
        env[p.key] = "${{ secrets.CLINIC_OPENAI_API_KEY }}"
    job = {"runs-on": "ubuntu-latest", "env": env, "steps": [{"run": " ".join(["./app", *p.args])}]}
    return {".github/workflows/app.yml": f"on: push\njobs:\n  {p.name}: {quoted(job)}\n"}


WRITERS: dict[str, Callable[[Program], Files]] = {
    w.__name__: w
    for w in (
        kubernetes,
        kustomize,
        compose,
        terraform,
        ecs,
        cloudformation,
        sam,
        arm,
        bicep,
        serverless,
        actions,
        helm,
    )
}
WITH_ARGUMENTS = (
    "kubernetes",
    "kustomize",
    "compose",
    "terraform",
    "ecs",
    "cloudformation",
    "actions",
)

POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_clinic], approved_on: 2026-10-10}
projects:
  - {id: proj_clinic, organization: org-clinic, endpoints: [/v1/responses], features: []}
credentials:
  - {project: proj_clinic, kubernetes: "clinic/openai#OPENAI_API_KEY"}
  - {project: proj_clinic, secretsmanager: clinic/openai}
  - {project: proj_clinic, ssm: /clinic/openai}
  - {project: proj_clinic, keyvault: clinic-kv/openai}
  - {project: proj_clinic, secret: CLINIC_OPENAI_API_KEY}
limits: {approvers: [compliance@clinic.example]}
"""
"""A policy that covers a program with the covered key, in each framework."""

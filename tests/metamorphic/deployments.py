"""One deployment, written in every framework: a program that calls OpenAI, with or without PHI.

A `Deployment` says what is true; each writer says it in its framework's own words. `WRITERS` names them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

PHI = ("phi", "none", "unsaid")
ENDPOINTS = ("/v1/responses", "/v1/conversations", "")
PLACES = ("marker", "variable", "file")


@dataclass(frozen=True)
class Deployment:
    """What data it handles, which endpoint it is bound to ("" for none), and where both are said."""

    data: str
    endpoint: str
    place: str

    @property
    def name(self) -> str:
        return "-".join((self.data, self.endpoint.rpartition("/")[2] or "any", self.place))

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the program, the key left out."""
        out = {"OPENAI_PROJECT_ID": "proj_clinic"}
        if self.place != "file" and self.endpoint:
            out["OPENAI_COMPLIANCE_ENDPOINTS"] = self.endpoint
        if self.place != "file" and self.endpoint:
            out["OPENAI_COMPLIANCE_FEATURES"] = "none"
        if self.place == "variable" and self.data != "unsaid":
            out["OPENAI_COMPLIANCE_DATA"] = self.data
        return out

    @property
    def markers(self) -> dict[str, str]:
        """Tags, labels or annotations of the program."""
        if self.place != "marker" or self.data == "unsaid":
            return {}
        return {"data-classification": "phi" if self.data == "phi" else "no-phi"}

    @property
    def compliance(self) -> str:
        """The compliance file, if this deployment is declared there."""
        if self.place != "file":
            return ""
        words = [f"data: {self.data}"] if self.data != "unsaid" else []
        words += [f"endpoints: [{self.endpoint}], features: []"] if self.endpoint else []
        words.append("project: proj_clinic")  # which the policy lets a team say
        return declared(", ".join(words))


def declared(words: str) -> str:
    """A compliance file that says this of the program, whose name some frameworks write in capitals."""
    entries = [", ".join(p for p in (f"match: '*{name}*'", words) if p) for name in ("app", "App")]
    return "version: 1\nworkloads:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)


def deployments() -> Iterator[Deployment]:
    """Every combination of data, endpoint and place."""
    for data, endpoint, place in itertools.product(PHI, ENDPOINTS, PLACES):
        yield Deployment(data, endpoint, place)


def _hcl(entries: dict[str, str]) -> str:
    return "\n".join(f'"{k}" = "{v}"' for k, v in entries.items())


def terraform(d: Deployment) -> dict[str, str]:
    return {
        "main.tf": f"""
variable "key" {{}}
resource "aws_lambda_function" "app" {{
  function_name = "app"
  role          = "arn:aws:iam::111122223333:role/app"
  image_uri     = "registry.example.org/app:1"
  tags = {{
{_hcl(d.markers)}
  }}
  environment {{
    variables = {{
      OPENAI_API_KEY = var.key
{_hcl(d.variables)}
    }}
  }}
}}
"""
    }


def terraform_json(d: Deployment) -> dict[str, str]:
    function = {
        "function_name": "app",
        "role": "arn:aws:iam::111122223333:role/app",
        "image_uri": "registry.example.org/app:1",
        "tags": d.markers,
        "environment": [{"variables": {"OPENAI_API_KEY": "${var.key}", **d.variables}}],
    }
    whole = {"variable": {"key": {}}, "resource": {"aws_lambda_function": {"app": function}}}
    return {"main.tf.json": json.dumps(whole, indent=2)}


def terraform_plan(d: Deployment) -> dict[str, str]:
    values = {
        "function_name": "app",
        "image_uri": "registry.example.org/app:1",
        "tags": d.markers,
        "environment": [{"variables": d.variables}],
    }
    resource = {
        "address": "aws_lambda_function.app",
        "mode": "managed",
        "type": "aws_lambda_function",
        "name": "app",
        "values": values,
    }
    unknown = {"environment": [{"variables": {"OPENAI_API_KEY": True}}]}
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": unknown}
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.5",
        "planned_values": {"root_module": {"resources": [resource]}},
        "resource_changes": [
            {**{k: v for k, v in resource.items() if k != "values"}, "change": change}
        ],
        "configuration": {"root_module": {"resources": []}},
    }
    return {"plan.json": json.dumps(plan, indent=2)}


def _manifest(d: Deployment) -> str:
    env = "\n".join(f'            - {{name: {k}, value: "{v}"}}' for k, v in d.variables.items())
    labels = ", ".join(["app: app", *(f"{k}: {v}" for k, v in d.markers.items())])
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  labels: {{{labels}}}
spec:
  selector: {{matchLabels: {{app: app}}}}
  template:
    metadata: {{labels: {{app: app}}}}
    spec:
      containers:
        - name: app
          image: registry.example.org/app:1
          env:
            - name: OPENAI_API_KEY
              valueFrom: {{secretKeyRef: {{name: openai, key: key}}}}
{env}
"""


def kubernetes(d: Deployment) -> dict[str, str]:
    return {"app.yaml": _manifest(d)}


def helm(d: Deployment) -> dict[str, str]:
    return {
        "Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
        "values.yaml": "{}\n",
        "templates/app.yaml": _manifest(d),
    }


def kustomize(d: Deployment) -> dict[str, str]:
    return {
        "base/app.yaml": _manifest(d),
        "kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\nresources: [base/app.yaml]\n",
    }


def _function(d: Deployment, type_: str, key: str) -> str:
    variables = "\n".join(f'          {k}: "{v}"' for k, v in d.variables.items())
    pairs = d.markers.items()
    tags = (
        "\n".join(f"        - {{Key: {k}, Value: {v}}}" for k, v in pairs)
        if type_ == "AWS::Lambda::Function"
        else "\n".join(f"        {k}: {v}" for k, v in pairs)
    )
    return f"""Parameters:
  Key: {{Type: String, NoEcho: true}}
Resources:
  App:
    Type: {type_}
    Properties:
      Role: arn:aws:iam::111122223333:role/app
      Environment:
        Variables:
          OPENAI_API_KEY: {key}
{variables}
""" + (f"      Tags:\n{tags}\n" if tags else "")


def cloudformation(d: Deployment) -> dict[str, str]:
    head = "AWSTemplateFormatVersion: '2010-09-09'\n"
    return {"template.yaml": head + _function(d, "AWS::Lambda::Function", "!Ref Key")}


def sam(d: Deployment) -> dict[str, str]:
    head = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\n"
    return {"template.yaml": head + _function(d, "AWS::Serverless::Function", "!Ref Key")}


def cdk(d: Deployment) -> dict[str, str]:
    """What `cdk synth` leaves: a template as JSON."""
    properties = {
        "Role": "arn:aws:iam::111122223333:role/app",
        "Environment": {"Variables": {"OPENAI_API_KEY": {"Ref": "Key"}, **d.variables}},
        "Tags": [{"Key": k, "Value": v} for k, v in d.markers.items()],
    }
    whole = {
        "Parameters": {"Key": {"Type": "String", "NoEcho": True}},
        "Resources": {"App": {"Type": "AWS::Lambda::Function", "Properties": properties}},
    }
    return {"cdk.out/Stack.template.json": json.dumps(whole, indent=1)}


def serverless(d: Deployment) -> dict[str, str]:
    variables = "\n".join(f'      {k}: "{v}"' for k, v in d.variables.items())
    tags = "".join(f"      {k}: {v}\n" for k, v in d.markers.items())
    return {
        "serverless.yml": f"""service: app
provider:
  name: aws
functions:
  app:
    handler: app.handler
    environment:
      OPENAI_API_KEY: ${{ssm:/app/key}}
{variables}
"""
        + (f"    tags:\n{tags}" if tags else "")
    }


def bicep(d: Deployment) -> dict[str, str]:
    settings = "\n".join(f"        {{ name: '{k}', value: '{v}' }}" for k, v in d.variables.items())
    tags = "\n".join(f"    '{k}': '{v}'" for k, v in d.markers.items())
    return {
        "main.bicep": f"""@secure()
param key string
resource app 'Microsoft.Web/sites@2023-12-01' = {{
  name: 'app'
  location: 'eastus'
  tags: {{
{tags}
  }}
  properties: {{
    siteConfig: {{
      appSettings: [
        {{ name: 'OPENAI_API_KEY', value: key }}
{settings}
      ]
    }}
  }}
}}
"""
    }


def arm(d: Deployment) -> dict[str, str]:
    settings = [{"name": "OPENAI_API_KEY", "value": "[parameters('key')]"}]
    settings += [{"name": k, "value": v} for k, v in d.variables.items()]
    site = {
        "type": "Microsoft.Web/sites",
        "apiVersion": "2023-12-01",
        "name": "app",
        "location": "eastus",
        "tags": d.markers,
        "properties": {"siteConfig": {"appSettings": settings}},
    }
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    whole = {
        "$schema": schema,
        "contentVersion": "1.0.0.0",
        "parameters": {"key": {"type": "securestring"}},
        "resources": [site],
    }
    return {"template.json": json.dumps(whole, indent=2)}


def ansible(d: Deployment) -> dict[str, str]:
    variables = "\n".join(f'          {k}: "{v}"' for k, v in d.variables.items())
    labels = "".join(f"          {k}: {v}\n" for k, v in d.markers.items())
    return {
        "site.yml": f"""- hosts: all
  tasks:
    - name: app
      community.docker.docker_container:
        name: app
        image: registry.example.org/app:1
        env:
          OPENAI_API_KEY: "{{{{ key }}}}"
{variables}
"""
        + (f"        labels:\n{labels}" if labels else "")
    }


def github_actions(d: Deployment) -> dict[str, str]:
    """A workflow has no tags: what marks it is a variable."""
    marked = {k.replace("-", "_").upper(): v for k, v in d.markers.items()}
    variables = "\n".join(f'      {k}: "{v}"' for k, v in {**d.variables, **marked}.items())
    return {
        ".github/workflows/app.yml": f"""on: push
jobs:
  app:
    runs-on: ubuntu-latest
    env:
      OPENAI_API_KEY: ${{{{ secrets.OPENAI_API_KEY }}}}
{variables}
    steps:
      - run: ./app
"""
    }


def compose(d: Deployment) -> dict[str, str]:
    variables = "\n".join(f'      {k}: "{v}"' for k, v in d.variables.items())
    labels = "".join(f"      {k}: {v}\n" for k, v in d.markers.items())
    return {
        "compose.yaml": f"""services:
  app:
    image: registry.example.org/app:1
    environment:
      OPENAI_API_KEY: ${{KEY:?}}
{variables}
"""
        + (f"    labels:\n{labels}" if labels else "")
    }


WRITERS: dict[str, Callable[[Deployment], dict[str, str]]] = {
    w.__name__: w
    for w in (
        kubernetes,
        helm,
        kustomize,
        terraform,
        terraform_json,
        terraform_plan,
        cloudformation,
        sam,
        cdk,
        serverless,
        bicep,
        arm,
        ansible,
        github_actions,
        compose,
    )
}

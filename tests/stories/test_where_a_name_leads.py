"""What a name of a route, of the DNS or of a Compose network leads to is what the workload uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import named, said

CALLER = """apiVersion: apps/v1
kind: Deployment
metadata: {name: summary, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: summary, data-classification: phi}}
    spec:
      containers:
        - name: app
          image: registry.example.org/summary:1
          env: [{name: SUMMARY_URL, value: "https://way.clinic.example/notes"}]
---
apiVersion: v1
kind: Service
metadata: {name: out, namespace: clinic}
spec: {type: ExternalName, externalName: END}
---
"""


def _route(kind: str, spec: str, meta: str = "") -> str:
    return f"apiVersion: x/v1\nkind: {kind}\nmetadata: {{name: r, namespace: clinic{meta}}}\nspec: {spec}\n"


ROUTES = {
    "grpc": _route(
        "GRPCRoute", "{hostnames: [way.clinic.example], rules: [{backendRefs: [{name: out}]}]}"
    ),
    "tls": _route(
        "TLSRoute", "{hostnames: ['*.clinic.example'], rules: [{backendRefs: [{name: out}]}]}"
    ),
    "rewritten": _route(
        "HTTPRoute",
        "{hostnames: [way.clinic.example], rules: [{filters: [{type: URLRewrite, urlRewrite: {hostname: END}}]}]}",
    ),
    "of its gateway": _route(
        "HTTPRoute", "{parentRefs: [{name: gate}], rules: [{backendRefs: [{name: out}]}]}"
    )
    + "---\n"
    + _route("Gateway", "{listeners: [{name: l, hostname: way.clinic.example}]}").replace(
        "name: r,", "name: gate,"
    ),
    "authority": _route(
        "VirtualService",
        "{hosts: [way.clinic.example], http: [{rewrite: {authority: END}, route: [{destination: {host: egress}}]}]}",
    ),
    "delegate": _route(
        "VirtualService", "{hosts: [way.clinic.example], http: [{delegate: {name: d}}]}"
    )
    + "---\n"
    + _route("VirtualService", "{http: [{route: [{destination: {host: END}}]}]}").replace(
        "name: r,", "name: d,"
    ),
    "traefik": _route(
        "IngressRoute",
        '{routes: [{match: "Host(`way.clinic.example`)", services: [{name: out, port: 443}]}]}',
    ),
    "vhost": _route(
        "Ingress",
        "{rules: [{host: way.clinic.example, http: {paths: [{backend: {service: {name: far}}}]}}]}",
        ", annotations: {nginx.ingress.kubernetes.io/upstream-vhost: END}",
    ),
    "dns": _route(
        "DNSEndpoint",
        "{endpoints: [{dnsName: way.clinic.example, recordType: CNAME, targets: [END]}]}",
    ),
}


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
@pytest.mark.parametrize(("end", "found"), [("api.openai.com", True), ("lab.example", False)])
def test_a_route_is_followed(tmp_path: Path, route: str, end: str, found: bool) -> None:
    (tmp_path / "all.yaml").write_text((CALLER + route).replace("END", end))
    rules = named(tmp_path, "kubernetes")
    assert ("OAI_COVERAGE_9 Deployment.clinic.summary" in rules) is found


def test_a_route_of_another_host_is_none(tmp_path: Path) -> None:
    other = ROUTES["grpc"].replace("way.clinic", "other.clinic")
    (tmp_path / "all.yaml").write_text((CALLER + other).replace("END", "api.openai.com"))
    assert "OAI_COVERAGE_9 Deployment.clinic.summary" not in named(tmp_path, "kubernetes")


LAMBDA = """resource "aws_lambda_function" "summary" {
  function_name = "summary"
  role          = "arn:aws:iam::111122223333:role/app"
  tags          = { DataClassification = "PHI" }
  environment {
    variables = { SUMMARY_URL = GIVEN }
  }
}
"""
RECORDS = {
    "route53": 'resource "aws_route53_record" "s" {\n  zone_id = "Z"\n  name = "way.clinic.example"\n  type = "CNAME"\n  records = ["END"]\n}\n',
    "cloudflare": 'resource "cloudflare_record" "s" {\n  zone_id = "Z"\n  name = "way"\n  type = "CNAME"\n  content = "END"\n}\n',
    "google": 'resource "google_dns_record_set" "s" {\n  managed_zone = "z"\n  name = "way.clinic.example."\n  type = "CNAME"\n  rrdatas = ["END."]\n}\n',
    "azure": 'resource "azurerm_dns_cname_record" "s" {\n  zone_name = "clinic.example"\n  name = "way"\n  record = "END"\n}\n',
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize(("end", "found"), [("api.openai.com", True), ("lab.example", False)])
def test_a_name_of_the_dns_is_followed(tmp_path: Path, record: str, end: str, found: bool) -> None:
    url = LAMBDA.replace("GIVEN", '"https://way.clinic.example/notes"')
    (tmp_path / "main.tf").write_text(url + record.replace("END", end))
    rules = named(tmp_path, "terraform")
    assert ("OAI_COVERAGE_9 aws_lambda_function.summary" in rules) is found


def test_a_record_that_is_referred_to(tmp_path: Path) -> None:
    url = LAMBDA.replace("GIVEN", '"https://${aws_route53_record.s.fqdn}/notes"')
    (tmp_path / "main.tf").write_text(url + RECORDS["route53"].replace("END", "api.openai.com"))
    assert "OAI_COVERAGE_9 aws_lambda_function.summary" in named(tmp_path, "terraform")


COMPOSE = """services:
  notes:
    image: registry.example.org/notes:1
    labels: {data-classification: phi}
    environment: {SUMMARY_URL: "http://HOST/notes"}
    MORE
  relay:
    image: alpine/socat
    command: TCP-LISTEN:80,fork OPENSSL:api.openai.com:443
    NAMED
"""


@pytest.mark.parametrize(
    ("host", "more", "name"),
    [
        ("way.internal", "", "networks: {default: {aliases: [way.internal]}}"),
        ("way", "", "hostname: way"),
        ("way", "", "container_name: way"),
        ("way", "links: ['relay:way']", ""),
        ("localhost", "network_mode: 'service:relay'", ""),
        ("127.0.0.1", "", "network_mode: 'service:notes'"),
    ],
)
def test_the_names_of_a_compose_service(tmp_path: Path, host: str, more: str, name: str) -> None:
    text = COMPOSE.replace("HOST", host).replace("MORE", more).replace("NAMED", name)
    assert "OAI_COVERAGE_9 services.notes" in said(tmp_path, compose_yaml=text)
    alone = COMPOSE.replace("HOST", host).replace("MORE", "").replace("NAMED", "")
    (tmp_path / "compose.yaml").unlink()
    assert "OAI_COVERAGE_9 services.notes" not in said(tmp_path, compose_yaml=alone)


LOCAL = """apiVersion: apps/v1
kind: Deployment
metadata: {name: summary, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: summary, data-classification: phi}}
    spec:
      containers:
        - name: app
          image: registry.example.org/summary:1
          env: [{name: NAME, value: "http://localhost:8080/v1"}]
        - {name: side, image: "IMAGE"}
"""


@pytest.mark.parametrize(
    ("name", "image", "asked"),
    [
        ("LLM_BASE_URL", "registry.example.org/side:1", True),
        ("OPENAI_BASE_URL", "nginx:1.27", True),
        ("OPENAI_BASE_URL", "vllm/vllm-openai:v0.11.0", False),
        ("LAB_URL", "registry.example.org/side:1", False),
    ],
)
def test_a_sidecar_of_unknown_image_is_asked_about(
    tmp_path: Path, name: str, image: str, asked: bool
) -> None:
    (tmp_path / "all.yaml").write_text(LOCAL.replace("NAME", name).replace("IMAGE", image))
    found = named(tmp_path, "kubernetes")
    assert ("OAI_COVERAGE_9 Deployment.clinic.summary" in found) is asked


PROXY = """services:
  notes:
    image: registry.example.org/notes:1
    labels: {data-classification: phi}
    environment: {LLM_URL: "http://relay/"}
  relay:
    image: IMAGE
    volumes: ['./relay.conf:/etc/relay.conf']
"""


@pytest.mark.parametrize(
    ("image", "end", "asked"),
    [
        ("nginx:1.27", "https://way.example", True),
        ("nginx:1.27", "https://api.anthropic.com", False),
        ("registry.example.org/summarizer:1", "https://way.example", False),
    ],
)
def test_what_only_passes_on_is_where_it_goes(
    tmp_path: Path, image: str, end: str, asked: bool
) -> None:
    (tmp_path / "relay.conf").write_text(f"server {{ location / {{ proxy_pass {end}; }} }}\n")
    found = said(tmp_path, compose_yaml=PROXY.replace("IMAGE", image))
    assert ("OAI_COVERAGE_9 services.notes" in found) is asked


PREFIXED = CALLER.partition("---\n")[0].replace(
    'env: [{name: SUMMARY_URL, value: "https://way.clinic.example/notes"}]',
    "envFrom: [{prefix: PREFIX, configMapRef: {name: c}}]",
)
HELD = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: clinic}\ndata: {BASE_URL: 'https://way.example/v1'}\n"


@pytest.mark.parametrize(("prefix", "asked"), [("OPENAI_", True), ("LLM_", True), ("LAB_", False)])
def test_a_prefix_is_part_of_the_name_of_each_variable(
    tmp_path: Path, prefix: str, asked: bool
) -> None:
    (tmp_path / "all.yaml").write_text(PREFIXED.replace("PREFIX", prefix) + HELD)
    found = named(tmp_path, "kubernetes")
    assert ("OAI_COVERAGE_9 Deployment.clinic.summary" in found) is asked

"""What of a cluster leads to a PHI workload and accepts TLS below 1.2: only what leads to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import WORKLOAD
from inprocess import analysis, found, write
from openai_phi.facts.data_files import load_yaml, schema_root

SERVICE = """---
apiVersion: v1
kind: Service
metadata: {name: notes, namespace: clinic%s}
spec: {selector: {app: notes}}
"""
APP = WORKLOAD + SERVICE % ""


def object_(api: str, kind: str, spec: str, annotations: str = "", name: str = "door") -> str:
    more = f", annotations: {{{annotations}}}" if annotations else ""
    return f"---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: clinic{more}}}\nspec: {spec}\n"


def ingress(annotations: str = "", service: str = "notes", class_: str = "") -> str:
    named = f"ingressClassName: {class_}, " if class_ else ""
    spec = f"{{{named}rules: [{{http: {{paths: [{{path: /, backend: {{service: {{name: {service}}}}}}}]}}}}]}}"
    return object_("networking.k8s.io/v1", "Ingress", spec, annotations)


ALB = "alb.ingress.kubernetes.io/ssl-policy: %s"
ELB = "service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy: %s"
SNIPPET = 'nginx.ingress.kubernetes.io/server-snippet: "ssl_protocols %s;"'
CONFIG = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress}
data: {ssl-protocols: "%s"}
"""


def istio(version: str, gateway: str = "door", host: str = "notes.clinic.svc.cluster.local") -> str:
    servers = (
        f"{{servers: [{{hosts: ['*'], tls: {{mode: SIMPLE, minProtocolVersion: {version}}}}}]}}"
    )
    route = f"{{gateways: [{gateway}], hosts: [n.clinic.example], http: [{{route: [{{destination: {{host: {host}}}}}]}}]}}"
    api = "networking.istio.io/v1"
    return object_(api, "Gateway", servers) + object_(api, "VirtualService", route, name="route")


def traefik(version: str, options: str = "door") -> str:
    api = "traefik.io/v1alpha1"
    route = f"{{routes: [{{match: x, services: [{{name: notes}}]}}], tls: {{options: {{name: {options}}}}}}}"
    return object_(api, "TLSOption", f"{{minVersion: {version}}}") + object_(api, "IngressRoute", route, name="r")  # fmt: skip


def contour(version: str) -> str:
    tls = f'{{virtualhost: {{fqdn: x, tls: {{minimumProtocolVersion: "{version}"}}}}, routes: [{{services: [{{name: notes}}]}}]}}'
    return object_("projectcontour.io/v1", "HTTPProxy", tls)


CASES = {
    "an Ingress of AWS": (APP + ingress(ALB % "ELBSecurityPolicy-2016-08"), True),
    "one of today": (APP + ingress(ALB % "ELBSecurityPolicy-TLS13-1-2-2021-06"), False),
    "one to another service": (APP + ingress(ALB % "ELBSecurityPolicy-2016-08", "other"), False),
    "one that says nothing": (APP + ingress(), False),
    "a Service of AWS": (WORKLOAD + SERVICE % f", annotations: {{{ELB % 'ELBSecurityPolicy-TLS-1-1-2017-01'}}}", True),
    "a Service of today": (WORKLOAD + SERVICE % f", annotations: {{{ELB % 'ELBSecurityPolicy-TLS-1-2-2017-01'}}}", False),
    "a snippet": (APP + ingress(SNIPPET % "TLSv1 TLSv1.2"), True),
    "a snippet of today": (APP + ingress(SNIPPET % "TLSv1.2 TLSv1.3"), False),
    "nginx's own configuration": (APP + ingress(class_="nginx") + CONFIG % "TLSv1.1 TLSv1.2", True),
    "of today": (APP + ingress(class_="nginx") + CONFIG % "TLSv1.2 TLSv1.3", False),
    "of another class": (APP + ingress(class_="alb") + CONFIG % "TLSv1.1", False),
    "the older word for a class": (APP + ingress("kubernetes.io/ingress.class: nginx") + CONFIG % "TLSv1", True),
    "Istio": (APP + istio("TLSV1_0"), True),
    "Istio of today": (APP + istio("TLSV1_2"), False),
    "another gateway": (APP + istio("TLSV1_0", "mesh"), False),
    "a gateway with its namespace": (APP + istio("TLSV1_1", "clinic/door"), True),
    "a gateway of another host": (APP + istio("TLSV1_0", host="other"), False),
    "Traefik": (APP + traefik("VersionTLS11"), True),
    "Traefik of today": (APP + traefik("VersionTLS12"), False),
    "other options": (APP + traefik("VersionTLS10", "strict"), False),
    "Contour": (APP + contour("1.1"), True),
    "Contour of today": (APP + contour("1.2"), False),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_door(case: str, tmp_path: Path) -> None:
    text, old = CASES[case]
    (tmp_path / "all.yaml").write_text(text)
    workloads = analysis(tmp_path, "kubernetes").phi_workloads()
    spots = [s for w in workloads for s in w.weak_spots]
    assert [w.id for w in workloads] == ["Deployment.clinic.notes"]
    assert [s.kind for s in spots] == ["transport"] * old
    assert all("accepts TLS below 1.2, at " in s.text for s in spots)


def test_a_class_of_another_folder_is_not_joined(tmp_path: Path) -> None:
    write(tmp_path, app__all_yaml=APP + ingress(class_="nginx"), other__c_yaml=CONFIG % "TLSv1")
    assert not [s for w in analysis(tmp_path, "kubernetes").phi_workloads() for s in w.weak_spots]


def test_the_finding_stands_at_the_workload(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(APP + ingress(ALB % "ELBSecurityPolicy-2016-08"))
    (record,) = (r for r in found(tmp_path, "kubernetes") if r.check_id == "OAI_TRANSPORT_1")
    assert (record.resource, record.file_line_range[0]) == ("Deployment.clinic.notes", 1)
    assert record.details[0].endswith(
        "metadata.annotations.alb.ingress.kubernetes.io/ssl-policy at all.yaml:21 accepts TLS below 1.2, "
        "at Ingress.clinic.door."
    )


def test_every_row_has_a_case() -> None:
    rows = load_yaml(schema_root() / "signatures" / "transport.yaml")["cluster_doors"]
    kinds = sorted({r["type"] for r in rows})
    shown = "\n".join(text for text, old in CASES.values() if old)
    assert [k for k in kinds if f"kind: {k}\n" not in shown] == []
    assert len(rows) == 7

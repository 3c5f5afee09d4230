"""The Kubernetes reader on hand-made vertices: what policies select, references, joined pods, lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from handmade import manifests
from openai_phi.linking.addresses import selected
from openai_phi.words.resources import Resource

CIDR = "{to: [{ipBlock: {cidr: %s}}]}"


def one(folder: Path, text: str) -> Resource:
    (found,) = manifests(folder, text).resources
    return found


def specified(kind: str, spec: str, api: str = "v1", name: str = "a") -> str:
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"


POD = specified("Pod", "{containers: [{name: app, image: 'a:1'}]}").replace(
    "{name: a}", "{name: a, labels: {app: notes, tier: back}}"
)
ALL: tuple[tuple[str, str], ...] = ()
NOTES = (("app", "notes"),)
BOTH = (("app", "notes"), ("tier", "back"))

# kind, API group, specification -> the labels that it selects by for certain, or None
SELECTORS: dict[str, tuple[str, str, str, tuple[tuple[str, str], ...] | None]] = {
    "all": ("NetworkPolicy", "networking.k8s.io/v1", "{podSelector: {}}", ALL),
    "labels": (
        "NetworkPolicy", "networking.k8s.io/v1", "{podSelector: {matchLabels: {app: notes}}}", NOTES,
    ),
    "expressions": (
        "NetworkPolicy", "networking.k8s.io/v1",
        "{podSelector: {matchExpressions: [{key: app, operator: In, values: [notes]}]}}", None,
    ),
    "labels and expressions": (
        "NetworkPolicy", "networking.k8s.io/v1",
        "{podSelector: {matchLabels: {app: notes}, matchExpressions: [{key: b, operator: Exists}]}}",
        None,
    ),
    "no expression": (
        "NetworkPolicy", "networking.k8s.io/v1",
        "{podSelector: {matchLabels: {app: notes}, matchExpressions: []}}", NOTES,
    ),
    "a selector that is none": ("NetworkPolicy", "networking.k8s.io/v1", "{podSelector: app}", None),
    "Cilium": ("CiliumNetworkPolicy", "cilium.io/v2", "{endpointSelector: {}}", ALL),
    "Cilium's labels": (
        "CiliumNetworkPolicy", "cilium.io/v2",
        "{endpointSelector: {matchLabels: {'k8s:app': notes, 'any:tier': back}}}", BOTH,
    ),
    "Cilium's expressions": (
        "CiliumClusterwideNetworkPolicy", "cilium.io/v2",
        "{endpointSelector: {matchExpressions: [{key: app, operator: Exists}]}}", None,
    ),
    "Cilium's nodes": (
        "CiliumClusterwideNetworkPolicy", "cilium.io/v2",
        "{nodeSelector: {matchLabels: {type: worker}}}", None,
    ),
    "Calico without a selector": ("NetworkPolicy", "projectcalico.org/v3", "{types: [Egress]}", ALL),
    "Calico's all": ("NetworkPolicy", "projectcalico.org/v3", "{selector: 'all()'}", ALL),
    "Calico's label": (
        "NetworkPolicy", "projectcalico.org/v3", "{selector: \"app == 'notes'\"}", NOTES,
    ),
    "Calico's labels": (
        "GlobalNetworkPolicy", "projectcalico.org/v3",
        "{selector: \"app=='notes' && tier == \\\"back\\\"\"}", BOTH,
    ),
    "Calico's expression": (
        "NetworkPolicy", "projectcalico.org/v3", "{selector: \"app in {'notes', 'other'}\"}", None,
    ),
    "Calico's either": (
        "NetworkPolicy", "projectcalico.org/v3", "{selector: \"app == 'notes' || b == 'c'\"}", None,
    ),
    "Calico's namespaces": (
        "GlobalNetworkPolicy", "projectcalico.org/v3",
        "{selector: 'all()', namespaceSelector: \"kind == 'batch'\"}", None,
    ),
    "Calico's accounts": (
        "NetworkPolicy", "projectcalico.org/v3", "{serviceAccountSelector: \"role == 'a'\"}", None,
    ),
    "Calico's contradiction in one key": (
        "NetworkPolicy", "projectcalico.org/v3", "{selector: \"app == 'notes' && app == 'other'\"}", None,
    ),
    "Cilium's list of rules": ("CiliumNetworkPolicy", "cilium.io/v2", "{}", None),
    "an administrator's, all": (
        "AdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1", "{subject: {namespaces: {}}}", ALL,
    ),
    "an administrator's namespaces": (
        "AdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1",
        "{subject: {namespaces: {matchLabels: {kind: batch}}}}", None,
    ),
    "an administrator's pods": (
        "BaselineAdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1",
        "{subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: b}}}}}", None,
    ),
    "of a whole namespace": ("EgressNetworkPolicy", "network.openshift.io/v1", "{egress: []}", ALL),
    "a service": ("Service", "v1", "{selector: {app: notes}}", NOTES),
}  # fmt: skip


@pytest.mark.parametrize("what", SELECTORS)
def test_a_policy_selects_by_labels_that_are_certain(what: str, tmp_path: Path) -> None:
    kind, api, spec, expected = SELECTORS[what]
    found = one(tmp_path, specified(kind, spec, api))
    assert found.selects == expected
    pods = {
        app: one(tmp_path, POD.replace("app: notes", f"app: {app}")) for app in ("notes", "other")
    }
    if kind != "Service":
        assert {app for app, pod in pods.items() if selected(found, pod)} == (
            set() if expected is None else {"notes"} if expected else {"notes", "other"}
        )


@pytest.mark.parametrize(
    ("egress", "out", "limits"),
    [
        ("egress: []", False, True),
        ("egress: [{}]", True, True),
        ("egress: [" + CIDR % "10.0.0.0/8" + "]", False, True),
        ("egress: [" + CIDR % "0.0.0.0/0" + "]", True, True),
        ("egress: [" + CIDR % "8.0.0.0/8" + "]", True, True),
        ("egress: [" + CIDR % "'::/0'" + "]", True, True),
        ("egress: [{to: [{podSelector: {}}]}]", False, True),
        ("policyTypes: [Egress]", False, True),
        ("policyTypes: [Ingress]", False, False),
        ("ingress: []", False, False),
    ],
)
def test_what_a_policy_lets_out(egress: str, out: bool, limits: bool, tmp_path: Path) -> None:
    found = one(tmp_path, specified("NetworkPolicy", f"{{podSelector: {{}}, {egress}}}"))
    assert (found.lets_out, found.limits_out) == (out, limits)

"""The Kubernetes reader on hand-made vertices: what policies select, references, joined pods, lines."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from handmade import an_object, linked, manifests
from openai_phi.facts.signatures import signatures
from openai_phi.linking.addresses import selected
from openai_phi.reading.manifests.kubernetes_reader import KubernetesReader, Layout, _filled_in
from openai_phi.words.resources import Resource, Setting

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


# -- what an object takes from others, and the lines of it ---------------------------------------

BASE = {"name": "app", "image": "a:1"}
SECRET = {"secretRef": {"name": "s"}}
HOST = {"OPENAI_BASE_URL": "https://api.openai.com/v1"}


def pod(container: dict[str, Any], **spec: Any) -> str:
    return an_object("Pod", "notes", {"containers": [{**BASE, **container}], **spec})


def volume(**source: Any) -> dict[str, Any]:
    """A pod that mounts a volume of this source."""
    mount = {"name": "v", "mountPath": "/v"}
    return {"container": {"volumeMounts": [mount]}, "volumes": [{"name": "v", **source}]}


PROJECTED = {"projected": {"sources": [{"configMap": {"name": "c"}}, {"secret": {"name": "s"}}]}}
# what a pod says -> the objects that it reads, of those that are there
SOURCES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({"container": {}}, set()),
    "all of a map": ({"container": {"envFrom": [{"configMapRef": {"name": "c"}}]}}, {"ConfigMap"}),
    "all of a secret": ({"container": {"envFrom": [SECRET]}}, {"Secret"}),
    "both": ({"container": {"envFrom": [SECRET, {"configMapRef": {"name": "c"}}]}}, {"ConfigMap", "Secret"}),
    "of another name": ({"container": {"envFrom": [{"configMapRef": {"name": "d"}}]}}, set()),
    "a mounted map": (volume(configMap={"name": "c"}), {"ConfigMap"}),
    "a mounted secret": (volume(secret={"secretName": "s"}), {"Secret"}),
    "a projected volume": (volume(**PROJECTED), {"ConfigMap", "Secret"}),
    "of a container that starts before": (
        {"container": {}, "initContainers": [{**BASE, "envFrom": [SECRET]}]}, {"Secret"},
    ),
    "what is no list": ({"container": {"envFrom": {"secretRef": {"name": "s"}}}}, set()),
    "what has no name": ({"container": {"envFrom": [{"secretRef": {}}, None, "s"]}}, set()),
}  # fmt: skip


@pytest.mark.parametrize("what", SOURCES)
def test_what_a_pod_takes_from_others(what: str, tmp_path: Path) -> None:
    """What nothing reads is an orphan: a use without a program."""
    said, expected = SOURCES[what]
    objects = [
        pod(**said),
        an_object("ConfigMap", "c", data=HOST),
        an_object("Secret", "s", stringData={"OPENAI_API_KEY": "a1b2c3d4e5f6a7b8"}),
    ]
    found = linked(manifests(tmp_path, "---\n".join(objects)).resources)
    orphans = {o.resource.type for o in found.orphans}
    assert orphans == {"ConfigMap", "Secret"} - expected


def test_a_key_of_a_map_is_taken_under_the_name_of_the_variable(tmp_path: Path) -> None:
    reference = {"valueFrom": {"configMapKeyRef": {"name": "c", "key": "url"}}}
    texts = [
        pod({"env": [{"name": "OPENAI_BASE_URL", **reference}]}),
        an_object("ConfigMap", "c", data={"url": "https://eu.api.openai.com/v1", "other": "https://api.openai.com/v1"}),
    ]  # fmt: skip
    (found,) = linked(manifests(tmp_path, "---\n".join(texts)).resources).workloads
    assert [u.host for u in found.uses] == ["eu.api.openai.com"]
    (host,) = [e for u in found.uses for e in u.evidence if e.kind.value == "host"]
    assert (host.place.file, host.place.line, host.name) == ("all.yaml", 9, "OPENAI_BASE_URL")


def test_a_pod_is_joined_to_what_it_was_cut_out_of(tmp_path: Path) -> None:
    """Checkov cuts the pod out of its Deployment; of two of one name each gets its own."""
    file = tmp_path / "all.yaml"
    texts = [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n"
        f"    metadata: {{labels: {{app: notes}}}}\n    spec: {{containers: [{{name: app, image: '{image}'}}]}}\n"
        for image in ("a:1", "a:2")
    ]  # fmt: skip
    file.write_text("---\n".join(texts))
    whole = [yaml.safe_load(t) for t in texts]
    owners = [
        {
            "block_type_": "resource", "file_path_": str(file), "id_": "Deployment.default.a",
            "config_": {
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {},
                "__startline__": 1 + 8 * at, "__endline__": 8 + 8 * at,
            },
        }
        for at in range(2)
    ]  # fmt: skip
    pods = [
        {
            "block_type_": "resource", "file_path_": str(file), "id_": "Pod.default.a.app-notes",
            "config_": {
                "kind": "Pod", "_parent_resource_id": "Deployment.default.a",
                **each["spec"]["template"],
            },
        }
        for each in whole
    ]  # fmt: skip
    found = KubernetesReader(str(tmp_path), "kubernetes", signatures()).read([*owners, *pods])
    assert [r.id for r in found.resources] == ["Deployment.a", "Deployment.a"]
    assert [[i for i, _ in r.images] for r in found.resources] == [["a:1"], ["a:2"]]
    assert {r.labels for r in found.resources} == {(("app", "notes"),)}


def test_base64_is_read_as_programs_read_it(tmp_path: Path) -> None:
    def encoded(text: bytes) -> str:
        return base64.b64encode(text).decode()

    data = {
        "OPENAI_BASE_URL": encoded(b"https://api.openai.com/v1"),
        "BROKEN": "%%%",
        "BINARY": encoded(b"\x00\x01openai"),
    }
    found = one(tmp_path, an_object("Secret", "s", data=data))
    assert {s.name: s.value for s in found.settings if s.path[0] == "data"} == {
        "OPENAI_BASE_URL": "https://api.openai.com/v1",
        "BROKEN": data["BROKEN"],
        "BINARY": data["BINARY"],
    }


def test_each_setting_has_the_line_that_it_is_written_at(tmp_path: Path) -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: app\n"
        "      image: a:1\n      env:\n        - name: OPENAI_BASE_URL\n          value: https://api.openai.com\n"
        "        - name: MODE\n          value: x\n"
    )
    first = an_object("ConfigMap", "c", data=HOST)
    found = manifests(tmp_path, f"{first}---\n{text}").resources[1]
    lines = {s.name: s.line for s in found.settings if s.path[-1] == "value" or s.role == "env"}
    start = first.count("\n") + 1
    assert (found.line, lines["OPENAI_BASE_URL"], lines["MODE"]) == (
        start + 1,
        start + 11,
        start + 13,
    )
    assert found.images == (("a:1", start + 8),)


def test_a_program_without_a_name_is_told_of(tmp_path: Path) -> None:
    """It can be neither declared nor found; one that speaks of nothing is no matter."""
    speaks = pod({"env": [{"name": "OPENAI_API_KEY", "value": "x"}]}).replace("notes", "")
    found = manifests(tmp_path, speaks)
    assert found.resources == []
    assert [(u.file, u.reason, u.matters) for u in found.unread] == [
        ("all.yaml", "a Pod has no name", True)
    ]
    assert manifests(tmp_path, pod({}).replace("notes", "")).unread == []


def test_files_that_do_not_count_are_left_out(tmp_path: Path) -> None:
    layout = Layout(counts=lambda file: False)
    assert manifests(tmp_path, pod({}), layout).resources == []
    shown = Layout(
        shown=lambda file: "base/x.yaml", scope=lambda file: "s", variant=lambda file: "v"
    )
    (found,) = manifests(tmp_path, pod({}), shown).resources
    assert (found.file, found.scope, found.variant) == ("base/x.yaml", "s", "v")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ .OPENAI_API_KEY }}", {"OPENAI_API_KEY"}),
        ("Bearer {{ .OPENAI_API_KEY | toString }}", {"OPENAI_API_KEY"}),
        ('{{ index . "openai-key" }}', {"openai-key"}),
        ("plain", set()),
    ],
)
def test_what_the_template_of_an_external_secret_fills_in(text: str, names: set[str]) -> None:
    held = Setting(
        "Authorization", text, ("spec", "target", "template", "data", "Authorization"), 3
    )
    assert {s.name for s in _filled_in([held])} == names
    elsewhere = Setting("Authorization", text, ("spec", "data", "Authorization"), 3)
    assert list(_filled_in([elsewhere])) == []

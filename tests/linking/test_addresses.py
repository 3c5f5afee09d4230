"""Names that workloads call each other by: which are hosts, what stands behind them, what a policy selects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handmade import by_address
from openai_phi.facts.signatures import signatures
from openai_phi.linking.addresses import AddressBook, hosts_in, selected
from openai_phi.words.resources import Resource, Setting


def thing(kind: str, name: str, space: str | None = "clinic", **more: Any) -> Resource:
    """An object of the folder `a`, in a namespace."""
    ident = f"{kind}.{space}.{name}" if space else f"{kind}.{name}"
    base = Resource("kubernetes", kind, ident, name, "a", "a.yaml", 1, 9, namespace=space)
    return replace(base, **more)


GATE = (("app", "gate"),)
POD = thing("Deployment", "gate", labels=(("app", "gate"), ("tier", "back")))
SERVICE = thing("Service", "gate", selects=GATE)
CALLER = thing("Deployment", "notes", labels=(("app", "notes"),))


def behind(host: str, caller: Resource, *others: Resource) -> tuple[set[str], str] | None:
    """What a host leads to as the caller sees it: workloads, and the host that it stands for."""
    book = AddressBook((caller, *others), signatures())
    found = book.resolve(caller, host)
    return found if found is None else ({r.id for r in found[0]}, found[1])


FOUND = ({POD.id}, "")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("gate", FOUND),
        ("gate.clinic", FOUND),
        ("gate.clinic.svc", FOUND),
        ("gate.clinic.svc.cluster.local", FOUND),
        ("gate.svc", FOUND),
        ("gate.svc.cluster.local", FOUND),
        ("gate.billing", None),
        ("gate.example.org", None),
        ("gate.clinic.example.org", None),
        ("gates", None),
        ("agate", None),
        ("", None),
    ],
)
def test_names_of_a_service(host: str, expected: tuple[set[str], str] | None) -> None:
    assert behind(host, CALLER, SERVICE, POD) == expected


OTHERS: dict[str, tuple[str, list[Resource], tuple[set[str], str] | None]] = {
    "of another scope, by the caller's namespace": (
        "gate", [replace(SERVICE, scope="b"), replace(POD, scope="b")], FOUND,
    ),
    "of several other scopes": (
        "gate", [replace(s, scope=at) for at in "bc" for s in (SERVICE, POD)], None,
    ),
    "near before far": (
        "gate", [replace(SERVICE, scope="b", alias="api.openai.com"), SERVICE, POD], FOUND,
    ),
    "of another namespace, not named": ("gate", [thing("Service", "gate", "billing", selects=GATE), POD], None),
    "of another namespace, named": (
        "gate.billing",
        [thing("Service", "gate", "billing", selects=GATE), thing("Deployment", "gate", "billing", labels=GATE)],
        ({"Deployment.billing.gate"}, ""),
    ),
    "without a namespace": ("gate", [thing("Service", "gate", None, selects=GATE), POD], FOUND),
    "of pods of another namespace": ("gate", [SERVICE, thing("Deployment", "gate", "billing", labels=GATE)], None),
    "that selects by more": ("gate", [replace(SERVICE, selects=(*GATE, ("b", "c"))), POD], None),
    "that selects none": ("gate", [replace(SERVICE, selects=()), POD], None),
    "an alias": ("gate", [replace(SERVICE, alias="api.openai.com")], (set(), "api.openai.com")),
    "that the caller itself answers": ("notes", [thing("Service", "notes", selects=(("app", "notes"),))], None),
    "of two variants": (
        "gate", [replace(SERVICE, variant="prod"), replace(SERVICE, variant="test"), POD], FOUND,
    ),
    "twice in one variant, and in another": (
        "gate", [SERVICE, SERVICE, replace(SERVICE, variant="test"), POD], None,
    ),
    "of a variant that the caller's is never deployed with": (
        "gate", [replace(SERVICE, variant="test"), POD], None,
    ),
    "Knative's": (
        "gate", [thing("Service.serving.knative.dev", "gate")], ({"Service.serving.knative.dev.clinic.gate"}, ""),
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", OTHERS)
def test_a_service(which: str) -> None:
    host, others, expected = OTHERS[which]
    caller = replace(CALLER, variant="prod") if "never" in which else CALLER
    assert behind(host, caller, *others) == expected


@pytest.mark.parametrize(
    ("host", "scope", "expected"),
    [("gate", "a", {"services.gate"}), ("gate", "b", None), ("notes", "a", None), ("other", "a", None)],
)  # fmt: skip
def test_a_service_of_compose_is_called_by_its_name_alone(
    host: str, scope: str, expected: set[str] | None
) -> None:
    def service(name: str, at: str = "a") -> Resource:
        return Resource("yaml", "compose_service", f"services.{name}", name, at, "c.yaml", 1, 9)

    found = behind(host, service("notes"), service("gate", scope))
    assert found == (None if expected is None else (expected, ""))


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("http://gate:8080/v1", ["gate"]),
        ("https://user:word@gate.clinic.svc/v1", ["gate.clinic.svc"]),
        ("postgresql+asyncpg://a:b@db.clinic:5432/x", ["db.clinic"]),
        ("gate:8080", ["gate"]),
        ("gate.clinic:8080", ["gate.clinic"]),
        ("gate.clinic.svc.cluster.local", ["gate.clinic.svc.cluster.local"]),
        ("--upstream=http://GATE./v1", ["gate"]),
        ("http://a/x,http://b/y;c:80", ["a", "b", "c"]),
        ("gate", []),
        ("me@gate:80", []),
        ("a/gate:80", []),
        ("gate:8", []),
        ("gate:123456", []),
        ("", []),
    ],
)
def test_hosts_in_a_value(text: str, hosts: list[str]) -> None:
    assert list(hosts_in(Setting("A", text, ("A",), 1))) == hosts
    for role in ("marker", "document"):
        assert list(hosts_in(Setting("A", text, ("A",), 1, role=role))) == []
    assert list(hosts_in(Setting("A", 80, ("A",), 1))) == []


def test_a_call_stands_where_its_value_is_written() -> None:
    said = Setting("GATE", "http://gate/v1", ("data", "GATE"), 7, "g", "values.yaml")
    (call,) = AddressBook((CALLER, SERVICE, POD), signatures()).calls(CALLER, [said, said])
    assert (call.host, str(call.place), call.name, call.group) == (
        "gate", "values.yaml:7 (data.GATE)", "GATE", "g",
    )  # fmt: skip
    assert [t.id for t in call.targets] == [POD.id]


@pytest.mark.parametrize(
    ("path", "through", "called"),
    [
        ("environment.variables.NEXT", False, True),
        ("environment.variables.NEXT", True, True),
        ("depends_on", False, False),
        ("tags.next", False, False),
        ("vpc_config.subnet_ids", False, False),
    ],
)
def test_what_a_function_of_terraform_refers_to(path: str, through: bool, called: bool) -> None:
    """It calls another by a reference in its settings, directly or over what answers for it."""

    def named(type_: str, name: str, *refs: tuple[str, str]) -> Resource:
        found = tuple(by_address(*r) for r in refs)
        ident = f"{type_}.{name}"
        return Resource("terraform", type_, ident, name, "a", "main.tf", 1, 5, refs=found)

    gate = named("aws_lambda_function", "gate")
    url = named("aws_lambda_function_url", "gate", (gate.id, "function_name"))
    caller = named("aws_lambda_function", "notes", (url.id if through else gate.id, path))
    calls = AddressBook((caller, url, gate), signatures()).calls(caller, ())
    assert [t.id for c in calls for t in c.targets] == ([gate.id] if called else [])


POLICY = thing("NetworkPolicy", "p", selects=GATE)


@pytest.mark.parametrize(
    ("policy", "pod", "expected"),
    [
        (POLICY, POD, True),
        (replace(POLICY, selects=()), POD, True),
        (replace(POLICY, selects=None), POD, False),
        (replace(POLICY, selects=(*GATE, ("tier", "front"))), POD, False),
        (POLICY, CALLER, False),
        (replace(POLICY, scope="b"), POD, False),
        (replace(POLICY, namespace="billing"), POD, False),
        (replace(POLICY, namespace=None), POD, True),
        (replace(POLICY, selects=()), replace(POD, labels=()), False),
    ],
)
def test_a_policy_selects_the_pods_of_its_scope_and_namespace(
    policy: Resource, pod: Resource, expected: bool
) -> None:
    assert selected(policy, pod) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("models.clinic", True),
        ("models.clinic.svc.cluster.local", True),
        ("gate", False),
        ("out", True),
        ("vllm.example.org", True),
        ("ollama.clinic", False),
        ("api.example.org", True),
    ],
)
def test_what_nobody_sees_behind_a_host_of_ones_own(host: str, expected: bool) -> None:
    alias = thing("Service", "out", alias="api.example.org")
    book = AddressBook((CALLER, SERVICE, POD, alias), signatures())
    assert book.unseen(CALLER, host) is expected


@pytest.mark.parametrize(
    ("scope", "space", "host", "targets"),
    [
        ("a", "clinic", "models.example.org", ("gate",)),
        ("b", "clinic", "models.example.org", ("gate",)),
        ("b", "billing", "models.example.org", ()),
        ("a", "clinic", "other.example.org", ()),
    ],
)
def test_what_the_mesh_sends_elsewhere(
    scope: str, space: str, host: str, targets: tuple[str, ...]
) -> None:
    said = (
        Setting("0", "models.example.org", ("spec", "hosts", 0), 3),
        Setting("host", "gate", ("spec", "http", 0, "route", 0, "destination", "host"), 4),
    )
    mesh = thing("VirtualService", "m", space, scope=scope, settings=said)
    assert AddressBook((CALLER, mesh), signatures()).redirected(CALLER, host) == targets

"""Call paths of what a workload sends, over hand-made calls: whose uses it has, what it passes, where that ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from openai_phi.facts.signatures import signatures
from openai_phi.linking.addresses import AddressBook
from openai_phi.linking.call_paths import CallPaths
from openai_phi.linking.calls import Call
from openai_phi.words.observed import Assurance, Receiver, Use
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource, Setting

OPENAI = Use("openai", "api.openai.com", (), endpoints=("/v1/responses",))
GATEWAY = Use("gateway", "gate", (), how="base URL")


def program(name: str) -> Resource:
    return Resource("kubernetes", "Deployment", f"Deployment.{name}", name, "a", "a.yaml", 1, 9)


ALL = {name: program(name) for name in ("notes", "gate", "relay", "scrub", "out")}


def paths(
    calls: Mapping[str, tuple[str, ...]],
    using: Mapping[str, tuple[Use, ...]],
    ends: tuple[str, ...] = (),
    told: Mapping[str, tuple[Receiver, ...]] | None = None,
    mesh: tuple[Resource, ...] = (),
) -> CallPaths:
    """Call paths where each program calls these; one called `https://…` is an alias of that host."""

    def called(resource: Resource) -> list[Call]:
        out = []
        for host in calls.get(resource.name, ()):
            target, external = ALL.get(host), host.removeprefix("https://")
            place = Place("a.yaml", 7, "env")
            behind = () if target is None else (target,)
            out.append(
                Call(
                    host=external,
                    place=place,
                    name="NEXT",
                    group="",
                    targets=behind,
                    external="" if target else external,
                )
            )
        return out

    return CallPaths(
        book=AddressBook((*ALL.values(), *mesh), signatures()),
        names=signatures(),
        using={id(ALL[name]): uses for name, uses in using.items()},
        calls=called,
        receivers=lambda r: (told or {}).get(r.name, ()),
        ends=lambda r: r.name in ends,
    )


# calls, who uses what itself, who de-identifies -> the hosts that `notes` uses, and what it passes
PATHS: dict[
    str,
    tuple[dict[str, tuple[str, ...]], dict[str, tuple[Use, ...]], tuple[str, ...], set[str], set[str]],
] = {
    "nothing": ({}, {}, (), set(), set()),
    "one step": ({"notes": ("gate",)}, {"gate": (OPENAI,)}, (), {"api.openai.com"}, {"gate"}),
    "two steps": (
        {"notes": ("relay",), "relay": ("gate",)}, {"gate": (OPENAI,)}, (),
        {"api.openai.com"}, {"relay", "gate"},
    ),
    "a circle": (
        {"notes": ("relay",), "relay": ("gate", "notes"), "gate": ("relay",)}, {"gate": (OPENAI,)}, (),
        {"api.openai.com"}, {"relay", "gate"},
    ),
    "its own use is not found by a circle": (
        {"notes": ("relay",), "relay": ("notes",)}, {"notes": (OPENAI,)}, (), set(), set(),
    ),
    "who is called but leads nowhere is not passed": (
        {"notes": ("gate", "out")}, {"gate": (OPENAI,)}, (), {"api.openai.com"}, {"gate"},
    ),
    "what is de-identified ends there": (
        {"notes": ("scrub",), "scrub": ("gate",)}, {"gate": (OPENAI,)}, ("scrub",), set(), set(),
    ),
    "and what goes around it does not": (
        {"notes": ("scrub", "relay"), "scrub": ("gate",), "relay": ("gate",)},
        {"gate": (OPENAI,)}, ("scrub",), {"api.openai.com"}, {"relay", "gate"},
    ),
    "a use by who de-identifies": ({"notes": ("scrub",)}, {"scrub": (OPENAI,)}, ("scrub",), set(), set()),
    "an alias of a provider": (
        {"notes": ("https://api.openai.com",)}, {}, (), {"api.openai.com"}, set(),
    ),
    "an alias after a step": (
        {"notes": ("gate",), "gate": ("https://api.openai.com",)}, {}, (), {"api.openai.com"}, {"gate"},
    ),
    "an alias of another": ({"notes": ("https://api.example.org",)}, {}, (), set(), set()),
    "against the direction": ({"gate": ("notes",)}, {"gate": (OPENAI,)}, (), set(), set()),
}  # fmt: skip


@pytest.mark.parametrize("case", PATHS)
def test_where_content_goes(case: str) -> None:
    calls, using, ends, hosts, passed = PATHS[case]
    found = paths(calls, using, ends).onward(ALL["notes"], ())
    assert {u.host for u in found.uses} == hosts
    assert {p.resource.name for p in found.passed} == passed
    assert {str(p.link) for p in found.passed} <= {"a.yaml:7 (env)"}


def test_a_use_names_each_step_and_each_host_on_the_way() -> None:
    calls = {"notes": ("relay",), "relay": ("gate",)}
    (use,) = paths(calls, {"gate": (OPENAI,)}).onward(ALL["notes"], ()).uses
    assert use.through == ("relay", "gate")
    assert [s.text.split(" at ")[0] for s in use.via] == ["calls relay", "calls gate"]
    assert [s.place for s in use.via] == [Place("a.yaml", 7, "env")] * 2


def test_an_alias_after_a_step_names_both() -> None:
    calls = {"notes": ("gate",), "gate": ("https://api.openai.com",)}
    (use,) = paths(calls, {}).onward(ALL["notes"], ()).uses
    assert [s.text.split(" at ")[0] for s in use.via] == ["calls gate", "calls api.openai.com"]


def test_who_gets_the_content_on_the_way_is_told_of_the_use() -> None:
    logs = Receiver("logs", "a log", "prompts", "logs.example.org", "saas", True, ())
    other = replace(logs, party="other")
    calls = {"notes": ("relay",), "relay": ("gate", "out")}
    given = {"relay": (logs,), "out": (other,)}
    (use,) = paths(calls, {"gate": (OPENAI,)}, told=given).onward(ALL["notes"], ()).uses
    assert use.receivers == (logs,)


def test_a_gateway_that_is_reached_stands_for_its_name() -> None:
    """The workload's own use of `gate` is not asked about: what answers there is known."""
    found = paths({"notes": ("gate",)}, {"gate": (OPENAI,)}).onward(ALL["notes"], (GATEWAY,))
    assert [u.host for u in found.uses] == ["api.openai.com"]
    lost = paths({}, {}).onward(ALL["notes"], (GATEWAY,))
    assert lost.uses == (GATEWAY,)
    silent = paths({"notes": ("gate",)}, {}).onward(ALL["notes"], (GATEWAY,))
    assert silent.uses == (GATEWAY,)


NONE, CLAIMED, ENFORCED = Assurance.NONE, Assurance.CLAIMED, Assurance.ENFORCED


@pytest.mark.parametrize(
    ("gateway", "caller", "endpoints", "closed"),
    [
        (("/v1/a", NONE), ("/v1/b", NONE), ("/v1/a", "/v1/b"), NONE),
        (("/v1/a", CLAIMED), ("/v1/b", NONE), ("/v1/a",), CLAIMED),
        (("/v1/a", NONE), ("/v1/b", CLAIMED), ("/v1/b",), CLAIMED),
        (("/v1/a", ENFORCED), ("/v1/b", CLAIMED), ("/v1/a",), ENFORCED),
        (("/v1/a", CLAIMED), ("/v1/b", ENFORCED), ("/v1/b",), ENFORCED),
    ],
)
def test_of_a_gateway_and_its_caller_the_better_bounded_counts(
    gateway: tuple[str, Assurance],
    caller: tuple[str, Assurance],
    endpoints: tuple[str, ...],
    closed: Assurance,
) -> None:
    behind = replace(
        OPENAI, endpoints=gateway[:1], closed=gateway[1], models=("m1",), features=("f1",)
    )
    asked = replace(
        GATEWAY, endpoints=caller[:1], closed=caller[1], models=("m2",), features=("f2",)
    )
    found = paths({"notes": ("gate",)}, {"gate": (behind,)}).onward(ALL["notes"], (asked,))
    (use,) = found.uses
    assert (use.endpoints, use.closed) == (endpoints, closed)
    assert (use.models, use.features) == (("m1", "m2"), ("f1", "f2"))


@pytest.mark.parametrize(
    ("sent", "hosts", "unseen"),
    [
        ("api.openai.com", ["api.openai.com"], [False]),
        ("models.clinic.svc", ["models.clinic.svc"], [True]),
        ("ollama.clinic.svc", [], []),
    ],
)
def test_where_the_mesh_sends_a_use(sent: str, hosts: list[str], unseen: list[bool]) -> None:
    said = (
        Setting("0", "api.openai.com", ("spec", "hosts", 0), 3),
        Setting("host", sent, ("spec", "http", 0, "route", 0, "destination", "host"), 4),
    )
    mesh = Resource("kubernetes", "VirtualService", "V.m", "m", "a", "m.yaml", 1, 9, said)
    found = paths({}, {}, mesh=(mesh,)).onward(ALL["notes"], (OPENAI,))
    assert [u.host for u in found.uses] == hosts
    assert [u.unseen for u in found.uses] == unseen

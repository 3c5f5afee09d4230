"""What a program takes from ConfigMaps and Secrets: which entries, under which name, of which group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openai_phi.facts.signatures import signatures
from openai_phi.linking.lookup import lookup_of
from openai_phi.linking.taken_settings import Taken, taken_settings
from openai_phi.words.references import AllVariables, ByName, Content, OneVariable
from openai_phi.words.resources import Resource, SecretRef, Setting, Unknown


def an_object(kind: str, name: str, *settings: Setting) -> Resource:
    return Resource(
        "kubernetes", kind, f"{kind}.apps.{name}", name, "a", f"{kind}.yaml", 1, 9, settings,
        namespace="apps",
    )  # fmt: skip


def entry(name: str, value: object, top: str = "data") -> Setting:
    return Setting(name, value, (top, name), 4)


def taken(ref: ByName, *others: Resource) -> Taken:
    """What a program with this reference alone takes."""
    program = replace(an_object("Deployment", "app"), refs=(ref,))
    resources = [program, *others]
    return taken_settings(resources, lookup_of(resources), signatures()).of(program)


def all_of(kind: str = "ConfigMap") -> AllVariables:
    return AllVariables(kind=kind, name="x", path="spec.containers.0", line=7)


BOTH = an_object("ConfigMap", "x", entry("A", "1"), entry("B", "2"), entry("name", "x", "metadata"))


def test_each_entry_and_nothing_of_its_metadata() -> None:
    found = taken(all_of(), BOTH)
    assert [(s.name, s.value, s.group) for s in found.settings] == [
        ("A", "1", "spec.containers.0"),
        ("B", "2", "spec.containers.0"),
    ]
    assert found.read == (BOTH,)


def test_one_entry_under_the_name_of_the_variable() -> None:
    ref = OneVariable(
        kind="ConfigMap", name="x", entry="B", variable="OPENAI_MODEL", path="c.0", line=7
    )
    (found,) = taken(ref, BOTH).settings
    assert (found.name, found.value, found.group, found.role) == ("OPENAI_MODEL", "2", "c.0", "env")


def test_a_volume_is_a_group_of_its_own_for_the_containers_that_mount_it() -> None:
    ref = Content(kind="ConfigMap", name="x", path="spec", line=7, mounted=("spec.containers.0",))
    found = taken(ref, BOTH).settings
    assert {(s.group, s.mounted) for s in found} == {("spec.x", ("spec.containers.0",))}


@pytest.mark.parametrize("kind", ["Secret", "SealedSecret", "ExternalSecret"])
def test_the_value_of_a_secret_is_not_taken(kind: str) -> None:
    (found,) = taken(all_of("Secret"), an_object(kind, "x", entry("KEY", "c2stbGl2ZQ=="))).settings
    assert found.secret == SecretRef("kubernetes", "apps/x#KEY")
    assert found.value == Unknown("comes from kubernetes:apps/x#KEY")


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("Secret", "openai", "openai_key"),
        ("Secret", "database", "database"),
        ("ConfigMap", "openai", "openai"),
    ],
)
def test_what_is_not_in_the_scan_speaks_by_its_name(kind: str, name: str, said: str) -> None:
    found = taken(AllVariables(kind=kind, name=name, path="c.0", line=7))
    assert [s.name for s in found.settings] == [said]
    assert found.settings[0].value == Unknown(f"{kind} {name} is not in this scan")
    assert (found.settings[0].secret is not None) is (kind == "Secret")
    assert found.read == ()


@pytest.mark.parametrize(
    "ref",
    [
        OneVariable(kind="ConfigMap", name="x", entry="A", variable="A", path="c.0", line=7),
        Content(kind="Secret", name="x", path="spec", line=7),
    ],
)
def test_an_entry_or_a_volume_that_is_not_there_gives_nothing(ref: ByName) -> None:
    assert taken(ref) == Taken()

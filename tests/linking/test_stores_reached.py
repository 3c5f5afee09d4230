"""Where a workload's data ends up, over hand-made resources: volumes, classes, claims, databases it calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handmade import by_address, by_name, linked
from openai_phi.words.references import Content
from openai_phi.words.resources import Resource, Setting


def thing(kind: str, name: str, scope: str = "a", **more: Any) -> Resource:
    """An object of a folder; `said` are its settings by their dotted path."""
    said = more.pop("said", {})
    settings = tuple(
        Setting(path.rpartition(".")[2], value, tuple(path.split(".")), 4)
        for path, value in said.items()
    )
    base = Resource("kubernetes", kind, f"{kind}.{name}", name, scope, f"{scope}/{kind}.yaml", 1, 9)
    return replace(base, settings=settings, **more)


PHI = Setting("data-classification", "phi", ("metadata", "labels", "data-classification"), 3, role="marker")  # fmt: skip
HOST = Setting("OPENAI_BASE_URL", "https://api.openai.com/v1", ("spec", "env", "OPENAI_BASE_URL"), 5)  # fmt: skip
OPEN = {"parameters.encrypted": "false"}
IS_DEFAULT = Setting(
    "is-default-class", "true",
    ("metadata", "annotations", "storageclass.kubernetes.io/is-default-class"), 4,
)  # fmt: skip
CLAIM = thing("PersistentVolumeClaim", "notes", said={"spec.storageClassName": "fast"})
CLASS = thing("StorageClass", "fast", said=OPEN)


def program(*names: str, **said: object) -> Resource:
    """A PHI workload that calls OpenAI, mounts these claims, and has these variables."""
    more = tuple(Setting(k, v, ("spec", "env", k), 6) for k, v in said.items())
    refs = tuple(by_name(Content, "PersistentVolumeClaim", n) for n in names)
    return replace(thing("Deployment", "app"), settings=(PHI, HOST, *more), refs=refs)


def weak(*resources: Resource) -> set[str]:
    """The resources that the storage weak spots of the first are found at."""
    (found,) = [w for w in linked(resources).workloads if w.id == resources[0].id]
    return {s.place.file.partition("/")[2] for s in found.weak_spots if s.kind == "storage"}


CLASS_FILE = "StorageClass.yaml"
CHAINS: dict[str, tuple[tuple[Resource, ...], set[str]]] = {
    "a claim of an open class": ((program("notes"), CLAIM, CLASS), {CLASS_FILE}),
    "of one that is encrypted": (
        (program("notes"), CLAIM, thing("StorageClass", "fast", said={"parameters.encrypted": "true"})), set(),
    ),
    "of another class": ((program("notes"), CLAIM, replace(CLASS, name="slow")), set()),
    "of a class of another scope": ((program("notes"), CLAIM, replace(CLASS, scope="b")), set()),
    "a claim that nothing mounts": ((program(), CLAIM, CLASS), set()),
    "another claim": ((program("other"), CLAIM, CLASS), set()),
    "a claim that names none, and a default class": (
        (program("notes"), thing("PersistentVolumeClaim", "notes"), replace(CLASS, settings=(*CLASS.settings, IS_DEFAULT))),
        {CLASS_FILE},
    ),
    "a claim that names none, and no default class": (
        (program("notes"), thing("PersistentVolumeClaim", "notes"), CLASS), set(),
    ),
    "a claim that names one beside a default class": (
        (program("notes"), replace(CLAIM, settings=(Setting("storageClassName", "slow", ("spec", "storageClassName"), 4),)),
         replace(CLASS, settings=(*CLASS.settings, IS_DEFAULT))),
        set(),
    ),
    "a claim of a volume that is open": (
        (
            program("notes"),
            thing("PersistentVolumeClaim", "notes", said={"spec.volumeName": "disk"}),
            thing("PersistentVolume", "disk", said={"spec.csi.volumeAttributes.encrypted": "false"}),
        ),
        {"PersistentVolume.yaml"},
    ),
    "of a class of another variant": (
        (replace(program("notes"), variant="prod"), replace(CLAIM, variant="prod"), replace(CLASS, variant="test")),
        set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CHAINS)
def test_a_volume_of_a_cluster(case: str) -> None:
    resources, expected = CHAINS[case]
    assert weak(*resources) == expected


def database(image: str = "postgres:16", *claims: str) -> list[Resource]:
    """A database behind a service, with claims of its own."""
    refs = tuple(by_name(Content, "PersistentVolumeClaim", n) for n in claims)
    own = replace(
        thing("StatefulSet", "db", labels=(("app", "db"),), refs=refs), images=((image, 5),)
    )
    return [thing("Service", "db", selects=(("app", "db"),)), own]


@pytest.mark.parametrize(
    ("said", "image", "expected"),
    [
        ({"DATABASE_URL": "postgresql://db:5432/x"}, "postgres:16", {CLASS_FILE}),
        ({"PGHOST": "db"}, "postgres:16", {CLASS_FILE}),
        ({"DB_HOST": "db"}, "registry.example.org/pgvector:1", {CLASS_FILE}),
        ({"SERVICE_NAME": "db"}, "postgres:16", set()),
        ({"PGHOST": "other"}, "postgres:16", set()),
        ({"PGHOST": "db"}, "our-own:1", set()),
    ],
)
def test_a_database_that_it_calls(said: dict[str, str], image: str, expected: set[str]) -> None:
    """What the database keeps is kept on its own claims; a program of one's own is no store."""
    assert weak(program(**said), *database(image, "notes"), CLAIM, CLASS) == expected


@pytest.mark.parametrize(
    ("path", "scope", "encrypted", "expected"),
    [
        ("environment.variables.DB", "a", False, {"main.tf"}),
        ("depends_on", "a", False, {"main.tf"}),
        ("environment.variables.DB", "a", True, set()),
        ("environment.variables.DB", "b", False, set()),
    ],
)
def test_a_store_of_terraform(path: str, scope: str, encrypted: bool, expected: set[str]) -> None:
    store = Resource(
        "terraform", "aws_db_instance", "aws_db_instance.db", "db", scope, f"{scope}/main.tf", 1, 5,
        (Setting("storage_encrypted", encrypted, ("storage_encrypted",), 3),),
    )  # fmt: skip
    tag = Setting("data-classification", "phi", ("tags", "data-classification"), 4, role="marker")
    function = Resource(
        "terraform", "aws_lambda_function", "aws_lambda_function.f", "f", "a", "a/f.tf", 1, 9,
        (tag, HOST), (by_address(store.id, path),),
    )  # fmt: skip
    assert weak(function, store) == expected


def test_a_workload_without_phi_has_no_weak_spots() -> None:
    plain = replace(program("notes"), settings=(HOST,))
    assert weak(plain, CLAIM, CLASS) == set()

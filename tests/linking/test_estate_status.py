"""What makes a workload one with PHI: its own markers, its namespace, its data, what is declared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handmade import by_address, by_name, linked
from openai_phi.declared.compliance_file import ComplianceFile
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.declared_limits import Parameters
from openai_phi.declared.policy_file import Policy
from openai_phi.words.observed import PhiStatus, Workload
from openai_phi.words.places import Place
from openai_phi.words.references import AllVariables, Content
from openai_phi.words.resources import Resource, Setting
from openai_phi.words.workload_declarations import WorkloadDeclaration

HOST = Setting("OPENAI_BASE_URL", "https://api.openai.com/v1", ("spec", "env", "OPENAI_BASE_URL"), 5)  # fmt: skip
POLICY = Policy(file="openai-policy.yaml")


def marker(value: str, name: str = "data-classification") -> Setting:
    return Setting(name, value, ("metadata", "labels", name), 3, role="marker")


def program(name: str = "app", *more: Setting, space: str = "apps", scope: str = "a") -> Resource:
    return Resource(
        "kubernetes", "Deployment", f"Deployment.{space}.{name}", name, scope, f"{scope}/a.yaml", 1, 9,
        (HOST, *more), namespace=space,
    )  # fmt: skip


def declared(
    data: str | None, *, suspected: bool = False, policy: bool = False, ends: str = ""
) -> Declarations:
    """A compliance file that says of `app` that it handles this data, and what counts as PHI."""
    entry = WorkloadDeclaration(match="app", data=data, place=Place("openai-compliance.yaml", 3))
    file = ComplianceFile(
        file="openai-compliance.yaml",
        folder="",
        workloads=(entry,) if data else (),
        parameters=Parameters(suspected_is_phi=suspected),
        deidentifiers=(ends,) if ends else (),
    )
    return Declarations(policy=POLICY if policy else None, files=(file,))


def judged(*resources: Resource, by: Declarations | None = None) -> Workload:
    """The first of the resources as the estate has it."""
    return next(w for w in linked(resources, by).workloads if w.id == resources[0].id)


PHI, NO, MAYBE, OPEN = (
    PhiStatus.PHI, PhiStatus.NOT_PHI, PhiStatus.SUSPECTED, PhiStatus.UNCLASSIFIED,
)  # fmt: skip
SAYS = marker("phi")
DENIES = marker("no-phi")
HINTS = "patient-notes"
"""A name that suggests PHI."""
# own markers and names, what is declared, whether there is a policy, whether hints count -> status, contradiction
STATUS: list[tuple[tuple[Setting | str, ...], str | None, bool, bool, PhiStatus, bool]] = [
    ((), None, False, False, OPEN, False),
    ((SAYS,), None, False, False, PHI, False),
    ((SAYS,), None, True, False, PHI, False),
    ((DENIES,), None, False, False, NO, False),
    ((DENIES,), None, True, False, OPEN, False),
    ((HINTS,), None, False, False, MAYBE, False),
    ((HINTS,), None, False, True, PHI, False),
    ((HINTS, DENIES), None, False, False, MAYBE, False),
    ((SAYS, DENIES), None, False, False, PHI, False),
    ((), "phi", True, False, PHI, False),
    ((), "limited_data_set", True, False, PHI, False),
    ((DENIES,), "phi", True, False, PHI, False),
    ((), "none", True, False, NO, False),
    ((HINTS,), "none", True, False, NO, False),
    ((HINTS,), "none", True, True, NO, False),
    ((SAYS,), "none", True, False, PHI, True),
    ((SAYS,), "deidentified", True, False, PHI, True),
    ((SAYS,), "synthetic", True, False, PHI, True),
    ((SAYS,), "personal_eu", True, False, PHI, False),
    ((), "personal_eu", True, False, NO, False),
    ((HINTS,), "personal_eu", True, False, NO, False),
    ((HINTS,), "personal_eu", True, True, PHI, False),
]


@pytest.mark.parametrize(("own", "data", "policy", "hints", "status", "against"), STATUS)
def test_status(
    own: tuple[Setting | str, ...],
    data: str | None,
    policy: bool,
    hints: bool,
    status: PhiStatus,
    against: bool,
) -> None:
    said = program("app", *(s for s in own if isinstance(s, Setting)))
    said = replace(
        said, images=tuple((f"registry.example.org/{s}:1", 5) for s in own if isinstance(s, str))
    )
    found = judged(said, by=declared(data, suspected=hints, policy=policy))
    assert (found.phi, bool(found.contradiction)) == (status, against)


def taking(resource: Resource, value: str) -> tuple[Resource, Resource]:
    """A workload with all variables of a ConfigMap, which classifies its data."""
    said = Setting("DATA_CLASSIFICATION", value, ("data", "DATA_CLASSIFICATION"), 3)
    config = replace(
        program("config"), type="ConfigMap", id="ConfigMap.apps.config", settings=(said,)
    )
    ref = AllVariables(kind="ConfigMap", name="config", path="spec", line=7)
    return replace(resource, refs=(ref,)), config


def namespace(scope: str = "a", value: str = "phi", name: str = "apps") -> Resource:
    said = (marker(value),)
    return Resource("kubernetes", "Namespace", f"Namespace.{name}", name, scope, f"{scope}/ns.yaml", 1, 5, said)  # fmt: skip


@pytest.mark.parametrize(
    ("spaces", "status"),
    [
        ([namespace()], PHI),
        ([namespace("b")], PHI),
        ([namespace("b"), namespace("c")], OPEN),
        ([namespace(), namespace("b"), namespace("c")], PHI),
        ([namespace(name="billing")], OPEN),
        ([namespace(value="internal")], OPEN),
    ],
)
def test_a_namespace_is_inherited_from_one(spaces: list[Resource], status: PhiStatus) -> None:
    assert judged(program(), *spaces).phi is status


@pytest.mark.parametrize(("value", "status"), [("phi", PHI), ("internal", OPEN)])
def test_a_setting_that_is_taken_from_a_config_map_says_it(value: str, status: PhiStatus) -> None:
    assert judged(*taking(program(), value)).phi is status


@pytest.mark.parametrize(("value", "phi"), [("phi", True), ("internal", False)])
def test_and_says_it_of_a_workload_that_only_calls_one_that_uses_the_provider(
    value: str, phi: bool
) -> None:
    """It has no use of its own, and none without PHI."""
    calling = Setting("GATEWAY", "http://gate:8080", ("spec", "env", "GATEWAY"), 5)
    caller, config = taking(replace(program("app"), settings=(calling,)), value)
    gate = replace(program("gate"), labels=(("app", "gate"),))
    service = replace(
        program("gate"), type="Service", id="Service.apps.gate", settings=(), selects=gate.labels
    )
    uses = {w.id: w.phi for w in linked([caller, config, gate, service]).workloads}
    assert (uses.get(caller.id) is PHI) is phi


def test_what_speaks_against_a_declaration_is_said_once() -> None:
    """Also where the workload takes other settings, with which its own image is looked at again."""
    said = replace(program(), images=(("hapiproject/hapi:v8.2.0", 5),))
    found = judged(*taking(said, "internal"), by=declared("none", policy=True))
    assert [e.value for e in found.contradiction] == ["hapiproject/hapi:v8.2.0"]


def test_what_is_declared_outweighs_a_namespace() -> None:
    """What is only inherited contradicts nothing that is said of the workload itself."""
    found = judged(program(), namespace(), by=declared("none", policy=True))
    assert (found.phi, found.contradiction) == (NO, ())


def claim(*said: Setting, scope: str = "a") -> Resource:
    return Resource(
        "kubernetes", "PersistentVolumeClaim", "PersistentVolumeClaim.apps.notes", "notes", scope,
        f"{scope}/pvc.yaml", 1, 5, said, namespace="apps",
    )  # fmt: skip


def mounting(resource: Resource) -> Resource:
    return replace(resource, refs=(by_name(Content, "PersistentVolumeClaim", "notes"),))


def test_data_that_it_refers_to() -> None:
    assert judged(mounting(program()), claim(SAYS)).phi is PHI
    assert judged(mounting(program()), claim()).phi is OPEN
    assert judged(program(), claim(SAYS)).phi is OPEN


def test_what_another_with_phi_shares() -> None:
    """PHI that another workload writes to the claim reaches whoever mounts it, unless it de-identifies."""
    other = mounting(program("writer", SAYS))
    found = judged(mounting(program()), other, claim())
    assert found.phi is PHI
    assert all(e.inherited for e in found.phi_evidence)
    assert judged(mounting(program()), program("writer", SAYS), claim()).phi is OPEN
    assert judged(mounting(program()), mounting(program("writer")), claim()).phi is OPEN
    ends = declared(None, ends="writer")
    assert judged(mounting(program()), other, claim(), by=ends).phi is OPEN


def function(name: str, *refs: tuple[str, str], said: tuple[Setting, ...] = ()) -> Resource:
    return Resource(
        "terraform", "aws_lambda_function", f"aws_lambda_function.{name}", name, "a", "main.tf", 1, 9,
        (HOST, *said), tuple(by_address(*r) for r in refs),
    )  # fmt: skip


BUCKET = Resource("terraform", "aws_s3_bucket", "aws_s3_bucket.b", "b", "a", "main.tf", 20, 29)


@pytest.mark.parametrize(
    ("mine", "other", "status"),
    [
        ("environment.variables.BUCKET", "environment.variables.BUCKET", PHI),
        ("s3_bucket", "environment.variables.BUCKET", OPEN),
        ("environment.variables.BUCKET", "s3_bucket", OPEN),
        ("environment.variables.BUCKET", "logging.bucket_logs", OPEN),
        ("depends_on", "environment.variables.BUCKET", OPEN),
    ],
)
def test_a_bucket_of_code_or_of_logs_shares_nothing(
    mine: str, other: str, status: PhiStatus
) -> None:
    said = (
        Setting("data-classification", "phi", ("tags", "data-classification"), 4, role="marker"),
    )
    writer = function("writer", (BUCKET.id, other), said=said)
    assert judged(function("app", (BUCKET.id, mine)), writer, BUCKET).phi is status


def test_resources_that_are_never_deployed_together_are_not_linked() -> None:
    prod = replace(mounting(program()), variant="prod")
    assert judged(prod, replace(claim(SAYS), variant="test")).phi is OPEN
    assert judged(prod, replace(claim(SAYS), variant="prod")).phi is PHI
    assert judged(prod, claim(SAYS)).phi is PHI


@pytest.mark.parametrize(
    ("settings", "policy", "undecided"),
    [
        ((marker("public"),), True, False),
        ((marker("internal", "DataClassification"),), False, False),
        ((marker("false", "phi"),), True, False),
        ((marker("confidential"),), False, True),
        ((), False, True),
    ],
)
def test_a_class_of_its_own_answers_what_data_it_is(
    settings: tuple[Setting, ...], policy: bool, undecided: bool
) -> None:
    """With a policy too: it lowers nothing, and nobody asks again."""
    by = Declarations(policy=POLICY if policy else None, files=())
    assert judged(program("app", *settings), by=by).undecided is undecided


def test_another_class_outweighs_no_name_and_no_data() -> None:
    """What suggests PHI is still asked about, what says PHI is judged."""
    named = judged(program("patient-portal", marker("public")))
    assert (named.phi, named.undecided) == (PhiStatus.SUSPECTED, True)
    both = judged(program("app", marker("public"), marker("true", "phi")))
    assert both.phi is PhiStatus.PHI


BASE = "base/app.yaml"
"""A file that the overlays of dev and prod share."""


def built(environment: str, label: Setting = SAYS, file: str = BASE) -> Resource:
    """The program as an overlay of an environment builds it."""
    made = program(f"app-{environment}", label, scope=f"overlays/{environment}")
    return replace(made, file=file, variant=f"overlays/{environment}", environments=(environment,))


def made_up(match: str, data: str = "synthetic") -> Declarations:
    entry = WorkloadDeclaration(match=match, data=data, place=Place("openai-compliance.yaml", 3))
    file = ComplianceFile(file="openai-compliance.yaml", folder="", workloads=(entry,))
    return Declarations(policy=POLICY, files=(file,))


def test_a_label_that_all_environments_share_does_not_contradict_what_is_said_of_dev() -> None:
    dev = judged(built("dev"), built("prod"), by=made_up("app-dev"))
    assert (dev.phi, dev.contradiction) == (PhiStatus.NOT_PHI, ())


@pytest.mark.parametrize(
    ("resources", "by"),
    [
        ((built("prod"), built("dev")), made_up("app-prod")),
        ((built("dev"),), made_up("app-dev")),
        ((built("dev"), built("prod")), made_up("app-dev", "none")),
        ((built("dev", file="overlays/dev/app.yaml"), built("prod")), made_up("app-dev")),
        (
            (
                built("dev", replace(marker("phi"), written=("values-dev.yaml", 2))),
                built("prod"),
            ),
            made_up("app-dev"),
        ),
        (
            (
                replace(built("dev"), variant="overlays/prod", scope="overlays/prod"),
                replace(built("prod"), environments=("other",)),
            ),
            made_up("app-dev"),
        ),
    ],
    ids=["prod", "shared by none", "no PHI at all", "its own file", "its own values", "called dev"],
)
def test_what_the_environment_itself_says_contradicts(
    resources: tuple[Resource, ...], by: Declarations
) -> None:
    """As does any label where people are treated, and an environment that a compliance file alone calls dev."""
    found = judged(*resources, by=by)
    assert found.phi is PhiStatus.PHI
    assert found.contradiction

"""What PHI travels over and what it does not: stores, queues, volumes; not keys, networks, roles or names."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from inprocess import told, write
from openai_phi.scanning.scan import Options, scan_folder

NOTES = """resource "aws_lambda_function" "notes" {
  function_name = "notes"
  environment { variables = { OPENAI_API_KEY = var.k, LINK = TYPE.x.arn } }
}
variable "k" {}
"""
MARKED = 'resource "TYPE" "x" {\n  name = "x"\n  tags = { Compliance = "HIPAA" }\n}\n'
DATA = (
    "aws_s3_bucket", "aws_dynamodb_table", "aws_db_instance", "aws_sqs_queue", "aws_sns_topic",
    "aws_kinesis_stream", "aws_efs_file_system", "google_pubsub_topic", "azurerm_storage_account",
)  # fmt: skip
OTHERS = (
    "aws_kms_key", "aws_iam_role", "aws_vpc", "aws_subnet", "aws_security_group",
    "aws_ecr_repository", "aws_cloudwatch_log_group", "aws_secretsmanager_secret", "aws_ssm_parameter",
)  # fmt: skip


def status(folder: Path, framework: str = "terraform") -> dict[str, str]:
    return {name: phi for name, (phi, _) in told(folder, framework).items()}


@pytest.mark.parametrize("type_", [*DATA, *OTHERS])
def test_phi_comes_over_data_and_nothing_else(type_: str, tmp_path: Path) -> None:
    write(tmp_path, main_tf=(NOTES + MARKED).replace("TYPE", type_))
    expected = "phi" if type_ in DATA else "unclassified"
    assert status(tmp_path) == {"aws_lambda_function.notes": expected}


WRITER = """resource "aws_lambda_function" "intake" {
  function_name = "intake"
  tags          = { DataClassification = "PHI" }
  environment { variables = { OUT = TYPE.x.arn } }
}
resource "TYPE" "x" { name = "x" }
"""


@pytest.mark.parametrize("type_", [*DATA, *OTHERS])
def test_phi_comes_over_what_two_share(type_: str, tmp_path: Path) -> None:
    write(tmp_path, main_tf=(NOTES + WRITER).replace("TYPE", type_))
    expected = "phi" if type_ in DATA else "unclassified"
    assert status(tmp_path)["aws_lambda_function.notes"] == expected


def test_the_code_of_two_programs_is_no_data(tmp_path: Path) -> None:
    reader = NOTES.replace(", LINK = TYPE.x.arn", "").replace(
        "environment", "s3_bucket = TYPE.x.id\n  environment"
    )
    write(tmp_path, main_tf=(reader + WRITER).replace("TYPE", "aws_s3_bucket"))
    assert status(tmp_path)["aws_lambda_function.notes"] == "unclassified"
    writer = WRITER.replace(
        "environment { variables = { OUT = TYPE.x.arn } }", "s3_bucket = TYPE.x.id"
    )
    write(tmp_path, main_tf=(NOTES + writer).replace("TYPE", "aws_s3_bucket"))
    assert status(tmp_path)["aws_lambda_function.notes"] == "unclassified"


def test_a_deidentifier_and_a_declaration_end_it(tmp_path: Path) -> None:
    text = (NOTES + WRITER).replace("TYPE", "aws_s3_bucket")
    ends = "version: 1\ndeidentifiers: [aws_lambda_function.intake]\n"
    write(tmp_path, main_tf=text, **{"openai-compliance_yaml": ends})
    assert status(tmp_path)["aws_lambda_function.notes"] == "unclassified"


def test_data_that_a_mapping_hands_over(tmp_path: Path) -> None:
    notes = NOTES.replace(", LINK = TYPE.x.arn", "")
    mapping = """resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_sqs_queue.x.arn
  function_name    = aws_lambda_function.notes.arn
}
"""
    write(tmp_path, main_tf=notes + MARKED.replace("TYPE", "aws_sqs_queue") + mapping)
    assert status(tmp_path) == {"aws_lambda_function.notes": "phi"}


def test_two_roots_with_one_address_are_two(tmp_path: Path) -> None:
    bucket = 'resource "aws_s3_bucket" "x" { bucket = "x" }\n'
    notes = NOTES.replace("TYPE", "aws_s3_bucket")
    write(
        tmp_path,
        a__main_tf=MARKED.replace("TYPE", "aws_s3_bucket"),
        b__main_tf=notes + bucket,
        c__main_tf=WRITER.replace("TYPE", "aws_s3_bucket"),
    )
    assert status(tmp_path)["aws_lambda_function.notes"] == "unclassified"


def test_a_module_is_part_of_its_root(tmp_path: Path) -> None:
    store = MARKED.replace("TYPE", "aws_s3_bucket")
    store += 'output "arn" { value = aws_s3_bucket.x.arn }\n'
    write(
        tmp_path,
        app__main_tf=NOTES.replace("TYPE.x.arn", "module.store.arn")
        + 'module "store" { source = "../store" }\n',
        store__main_tf=store,
    )
    assert status(tmp_path)["aws_lambda_function.notes"] == "phi"


DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: ward}
spec:
  template:
    metadata: {labels: {app: NAME}}
    spec:
      serviceAccountName: shared
      containers:
        - name: app
          image: registry.example.org/app:1
          env: [ENV]
      volumes: [VOLUME]
---
"""
KEY = "{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: k}}}"
LABELS = "labels: {data-classification: phi}"
VOLUMES = {
    "PersistentVolumeClaim": ("{name: v, persistentVolumeClaim: {claimName: shared}}", True),
    "Secret": ("{name: v, secret: {secretName: shared}}", False),
    "NetworkPolicy": ("", False),
}


def deployed(name: str, env: str = "", volume: str = "") -> str:
    return DEPLOYMENT.replace("NAME", name).replace("ENV", env).replace("VOLUME", volume)


@pytest.mark.parametrize("kind", VOLUMES)
def test_volumes_carry_data_and_policies_do_not(kind: str, tmp_path: Path) -> None:
    volume, carries = VOLUMES[kind]
    marked = (
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: shared, namespace: ward, {LABELS}}}\n"
    )
    write(tmp_path, all_yaml=deployed("app", KEY, volume) + marked)
    assert status(tmp_path, "kubernetes") == {
        "Deployment.ward.app": "phi" if carries else "unclassified"
    }


def account(name: str = "shared", namespace: str = "ward", labels: str = LABELS) -> str:
    head = "apiVersion: v1\nkind: ServiceAccount\nmetadata: "
    return f"{head}{{name: {name}, namespace: {namespace}, {labels}}}\n---\n"


@pytest.mark.parametrize(
    ("made", "phi"),
    [
        (account(), True),
        (account(labels="annotations: {example.org/data-classification: phi}"), True),
        (account(name="other"), False),
        (account(namespace="lab"), False),
        (account(labels="labels: {data-classification: public}"), False),
        (account(labels="labels: {app: clinic}"), False),
    ],
)
def test_a_class_of_an_account_is_that_of_its_pods(tmp_path: Path, made: str, phi: bool) -> None:
    """Whose account is marked for PHI was given it for that: the class is on the identity, not the pods."""
    write(tmp_path, all_yaml=made + deployed("app", KEY))
    expected = "phi" if phi else "unclassified"
    assert status(tmp_path, "kubernetes") == {"Deployment.ward.app": expected}


@pytest.mark.parametrize("named", [True, False])
def test_a_pod_that_names_no_account_has_the_default_one(tmp_path: Path, named: bool) -> None:
    pods = deployed("app", KEY)
    if not named:
        pods = pods.replace("      serviceAccountName: shared\n", "")
    write(tmp_path, all_yaml=account("default") + pods)
    expected = "unclassified" if named else "phi"
    assert status(tmp_path, "kubernetes") == {"Deployment.ward.app": expected}


def test_an_account_that_terraform_makes(tmp_path: Path) -> None:
    account = (
        'resource "kubernetes_service_account_v1" "a" {\n  metadata {\n    name = "a"\n'
        '    labels = { data-classification = "CLASS" }\n  }\n}\n'
    )
    pods = (
        'resource "kubernetes_deployment_v1" "notes" {\n  metadata { name = "notes" }\n  spec {\n'
        "    template {\n      spec {\n"
        "        service_account_name = kubernetes_service_account_v1.a.metadata[0].name\n"
        '        container {\n          name = "a"\n          image = "r/a:1"\n'
        '          env {\n            name = "OPENAI_API_KEY"\n            value = var.k\n          }\n'
        "        }\n      }\n    }\n  }\n}\n"
    )
    for class_, expected in (("phi", "phi"), ("public", "unclassified")):
        write(tmp_path, main_tf=account.replace("CLASS", class_) + pods)
        assert status(tmp_path) == {"kubernetes_deployment_v1.notes": expected}


ROLLOUT = """apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: r, namespace: ward, labels: {data-classification: CLASS}}
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: RUNS}
---
"""


@pytest.mark.parametrize(
    ("class_", "runs", "phi"),
    [("phi", "app", True), ("phi", "other", False), ("public", "app", False)],
)
def test_a_rollout_that_runs_the_template_of_a_deployment(
    tmp_path: Path, class_: str, runs: str, phi: bool
) -> None:
    rollout = ROLLOUT.replace("CLASS", class_).replace("RUNS", runs)
    write(tmp_path, all_yaml=rollout + deployed("app", KEY))
    expected = "phi" if phi else "unclassified"
    assert status(tmp_path, "kubernetes")["Deployment.ward.app"] == expected


def test_a_claim_that_two_mount(tmp_path: Path) -> None:
    volume = VOLUMES["PersistentVolumeClaim"][0]
    claim = (
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: shared, namespace: ward}\n"
    )
    writer = deployed("intake", "", volume).replace("ward}", f"ward, {LABELS}}}")
    text = deployed("app", KEY, volume) + writer
    write(tmp_path, all_yaml=text + claim)
    assert status(tmp_path, "kubernetes") == {"Deployment.ward.app": "phi"}
    write(tmp_path, all_yaml=deployed("app", KEY, volume) + claim, other__all_yaml=writer)
    text = (tmp_path / "all.yaml").read_text().replace(", namespace: ward", "")
    (tmp_path / "all.yaml").write_text(text)
    assert status(tmp_path, "kubernetes") == {"Deployment.app": "unclassified"}


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: models}\nspec: {selector: {app: NAME}}\n"


def test_two_charts_with_a_service_of_one_name(tmp_path: Path) -> None:
    pytest.importorskip("helm_python")
    gateway = deployed("gateway", KEY) + SERVICE.replace("NAME", "gateway")
    caller = deployed("notes", '{name: MODELS, value: "http://models:8000"}').replace(
        "labels: {app: notes}", "labels: {app: notes, data-classification: phi}"
    )
    own = deployed("server") + SERVICE.replace("NAME", "server")
    for with_own in (own, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: openai}\n"):
        files = {
            f"{chart}__{file}": text.replace(", namespace: ward", "")
            for chart, text_of in (("a", gateway), ("b", f"{caller}{with_own}"))
            for file, text in (
                ("Chart_yaml", f"apiVersion: v2\nname: {chart}\nversion: 1.0.0\n"),
                ("templates__all_yaml", text_of),
            )
        }
        write(tmp_path, **files)
        assert scan_folder(Options(str(tmp_path))).analysis.phi_workloads() == ()


def test_an_absent_namespace_is_not_the_default_one(tmp_path: Path) -> None:
    gateway = (deployed("gateway", KEY) + SERVICE.replace("NAME", "gateway")).replace(
        ", namespace: ward", ""
    )
    caller = deployed(
        "notes", '{name: MODELS, value: "http://models.default.svc.cluster.local:8000"}'
    ).replace("labels: {app: notes}", "labels: {app: notes, data-classification: phi}")
    write(tmp_path, a__all_yaml=gateway, b__all_yaml=caller)
    assert status(tmp_path, "kubernetes") == {"Deployment.gateway": "unclassified"}


def test_services_that_all_call_each_other_end_in_time(tmp_path: Path) -> None:
    """Their ways, one by one, would be more than a billion."""
    count = 14
    calls = ", ".join(f'{{name: U{i}, value: "http://s{i}:80"}}' for i in range(count))
    text = ""
    for i in range(count):
        env = calls if i < count - 1 else f"{calls}, {KEY}"
        service = SERVICE.replace("name: models", f"name: s{i}, namespace: ward")
        text += deployed(f"s{i}", env) + service.replace("NAME", f"s{i}") + "---\n"
    text = text.replace("labels: {app: s0}", "labels: {app: s0, phi: 'true'}")
    write(tmp_path, all_yaml=text)
    before = time.monotonic()
    assert status(tmp_path, "kubernetes")["Deployment.ward.s0"] == "phi"
    assert time.monotonic() - before < 20

"""Where PHI is kept in a cluster and beside it: classes, claims, databases, caches and vector stores that are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clinic import WORKLOAD
from handmade import around, made
from inprocess import analysis, found, named, write
from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.signatures import signatures
from openai_phi.gathering.graph_scan import read_files
from openai_phi.observing.transport_security import storage
from openai_phi.verdicts.analysis import analyse
from openai_phi.words.resources import Unknown
from openai_phi.words.scan_input import FilesInput

DATA = load_yaml(schema_root() / "signatures" / "storage.yaml")
P = "Properties."
# type, setting, what is not encrypted, what is, whether leaving it out is not encrypted
ROWS = [
    ("aws_db_instance", "storage_encrypted", False, True, True),
    ("aws_rds_cluster", "storage_encrypted", "false", True, True),
    ("aws_docdb_cluster", "storage_encrypted", False, True, True),
    ("aws_neptune_cluster", "storage_encrypted", False, True, True),
    ("aws_elasticache_replication_group", "at_rest_encryption_enabled", False, True, True),
    ("aws_opensearch_domain", "encrypt_at_rest.enabled", False, True, True),
    ("aws_elasticsearch_domain", "encrypt_at_rest.enabled", False, True, True),
    ("aws_efs_file_system", "encrypted", False, True, True),
    ("aws_redshift_cluster", "encrypted", False, True, False),
    ("aws_kinesis_stream", "encryption_type", "NONE", "KMS", True),
    ("aws_sns_topic", "kms_master_key_id", "", "alias/aws/sns", True),
    ("aws_sqs_queue", "sqs_managed_sse_enabled", False, True, False),
    ("azurerm_mssql_database", "transparent_data_encryption_enabled", False, True, False),
    ("AWS::RDS::DBInstance", P + "StorageEncrypted", False, True, True),
    ("AWS::RDS::DBCluster", P + "StorageEncrypted", False, True, True),
    ("AWS::DocDB::DBCluster", P + "StorageEncrypted", False, True, True),
    ("AWS::Neptune::DBCluster", P + "StorageEncrypted", False, True, True),
    ("AWS::ElastiCache::ReplicationGroup", P + "AtRestEncryptionEnabled", False, True, True),
    ("AWS::OpenSearchService::Domain", P + "EncryptionAtRestOptions.Enabled", False, True, True),
    ("AWS::Elasticsearch::Domain", P + "EncryptionAtRestOptions.Enabled", False, True, True),
    ("AWS::EFS::FileSystem", P + "Encrypted", False, True, True),
    ("AWS::Redshift::Cluster", P + "Encrypted", False, True, False),
    ("AWS::Kinesis::Stream", P + "StreamEncryption.EncryptionType", "NONE", "KMS", True),
    ("AWS::SNS::Topic", P + "KmsMasterKeyId", "", "alias/aws/sns", True),
    ("AWS::SQS::Queue", P + "SqsManagedSseEnabled", False, True, False),
    ("Microsoft.Sql/servers/databases/transparentDataEncryption", "properties.state", "Disabled", "Enabled", False),
    ("Microsoft.Sql/servers/databases/transparentDataEncryption", "properties.status", "Disabled", "Enabled", False),
    ("StorageClass", "parameters.encrypted", "false", "true", False),
    ("kubernetes_storage_class_v1", "parameters.encrypted", "false", "true", False),
    ("PersistentVolume", "spec.csi.volumeAttributes.encrypted", "false", "true", False),
]  # fmt: skip
UNLESS = [
    ("aws_db_instance", "snapshot_identifier"),
    ("aws_db_instance", "replicate_source_db"),
    ("aws_rds_cluster", "replication_source_identifier"),
    ("aws_rds_cluster", "global_cluster_identifier"),
    ("aws_elasticache_replication_group", "global_replication_group_id"),
    ("AWS::RDS::DBInstance", P + "DBClusterIdentifier"),
    ("AWS::RDS::DBInstance", P + "DBSnapshotIdentifier"),
    ("AWS::RDS::DBInstance", P + "SourceDBInstanceIdentifier"),
    ("AWS::RDS::DBCluster", P + "SnapshotIdentifier"),
    ("AWS::RDS::DBCluster", P + "SourceDBClusterIdentifier"),
]


@pytest.mark.parametrize(("type_", "setting", "none", "good", "absent"), ROWS)
def test_a_row(type_: str, setting: str, none: Any, good: Any, absent: bool) -> None:
    stores = storage(signatures())
    assert stores.open(made(type_, {"a": 1, setting: none}))
    assert not stores.open(made(type_, {"a": 1, setting: good}))
    assert not stores.open(made(type_, {"a": 1, setting: Unknown("x")}))
    assert bool(stores.open(made(type_, {"a": 1}))) is absent
    assert not stores.open(made(type_, {"a": 1}, framework="terraform_plan"))


@pytest.mark.parametrize(("type_", "setting"), UNLESS)
def test_what_is_as_its_source_is(type_: str, setting: str) -> None:
    assert not storage(signatures()).open(made(type_, {setting: Unknown("x")}))
    assert storage(signatures()).open(made(type_, {"a": "x"}))


@pytest.mark.parametrize(
    ("type_", "setting", "key"),
    [
        ("aws_sqs_queue", "sqs_managed_sse_enabled", "kms_master_key_id"),
        ("AWS::SQS::Queue", P + "SqsManagedSseEnabled", P + "KmsMasterKeyId"),
    ],
)
def test_a_queue_with_a_key(type_: str, setting: str, key: str) -> None:
    assert not storage(signatures()).open(made(type_, {setting: False, key: "k"}))


def test_every_row_has_an_example() -> None:
    alone = [type(storage(signatures()))({**DATA, "stores": [s]}, signatures()) for s in DATA["stores"]]  # fmt: skip
    shown = [made(t, {"a": 1, s: none}) for t, s, none, _, _ in ROWS]
    silent = [s["type"] for s, one in zip(DATA["stores"], alone, strict=True) if not any(map(one.open, shown))]  # fmt: skip
    assert silent == []


CLASS = """---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast%s}
provisioner: ebs.csi.aws.com
parameters: {type: gp3%s}
"""
PLAIN = CLASS % ("", ', encrypted: "false"')
CLAIM = """---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: clinic}
spec: {%saccessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
NAMED = "storageClassName: fast, "
DATABASE = """---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: vectors, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: vectors}}
    spec:
      containers: [{name: db, image: "IMAGE"}]
VOLUME
---
apiVersion: v1
kind: Service
metadata: {name: vectors, namespace: clinic}
spec: {selector: {app: vectors}}
"""
TEMPLATE = "  volumeClaimTemplates: [{metadata: {name: d}, spec: {storageClassName: fast, accessModes: [a]}}]"
UNNAMED = "  volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [a]}}]"
MOUNTED = "      volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]"
DEFAULT = CLASS % (
    ', annotations: {storageclass.kubernetes.io/is-default-class: "true"}',
    ', encrypted: "false"',
)
IMAGE = "qdrant/qdrant:v1.12"


def database(volume: str = TEMPLATE, image: str = IMAGE) -> str:
    return DATABASE.replace("IMAGE", image).replace("VOLUME", volume)


def called(name: str = "QDRANT_URL", value: str = "http://vectors:6333") -> str:
    return WORKLOAD + f'            - {{name: {name}, value: "{value}"}}\n'


OWN = WORKLOAD + MOUNTED + "\n"
CLUSTER = {
    "a claim of its own": (OWN + CLAIM % NAMED + PLAIN, True),
    "an encrypted class": (OWN + CLAIM % NAMED + CLASS % ("", ', encrypted: "true"'), False),
    "a class that says nothing": (OWN + CLAIM % NAMED + CLASS % ("", ""), False),
    "a class that is not here": (OWN + CLAIM % NAMED, False),
    "a claim of another class": (OWN + CLAIM % "storageClassName: other, " + PLAIN, False),
    "a claim of the default class": (OWN + CLAIM % "" + DEFAULT, True),
    "a class that is no default": (OWN + CLAIM % "" + PLAIN, False),
    "a claim of no class": (OWN + CLAIM % 'storageClassName: "", ' + DEFAULT, False),
    "a claim of nobody": (WORKLOAD + CLAIM % NAMED + PLAIN, False),
    "a vector store": (called() + database() + PLAIN, True),
    "one with a claim": (called() + database(MOUNTED) + CLAIM % NAMED + PLAIN, True),
    "one of the default class": (called() + database(UNNAMED) + DEFAULT, True),
    "one of an encrypted class": (called() + database() + CLASS % ("", ', encrypted: "true"'), False),
    "one that nobody calls": (WORKLOAD + database() + PLAIN, False),
    "one by its name alone": (called("QDRANT_HOST", "vectors") + database() + PLAIN, True),
    "one by its cluster name": (called("PGHOST", "vectors.clinic.svc") + database() + PLAIN, True),
    "a name that is no host": (called("MODE", "vectors") + database() + PLAIN, False),
    "what is no store": (called() + database(image="registry.example.org/metrics:1") + PLAIN, False),
    "Redis": (called("REDIS_URL", "redis://vectors:6379") + database(image="redis:7") + PLAIN, True),
    "Postgres": (called("DATABASE_URL", "postgres://vectors:5432/n") + database(image="pgvector/pgvector:pg16") + PLAIN, True),
    "Weaviate": (called() + database(image="cr.weaviate.io/semitechnologies/weaviate:1.27") + PLAIN, True),
    "Milvus": (called() + database(image="milvusdb/milvus:v2.4") + PLAIN, True),
    "Chroma": (called() + database(image="ghcr.io/chroma-core/chroma@sha256:00") + PLAIN, True),
}  # fmt: skip


@pytest.mark.parametrize("case", CLUSTER)
def test_a_cluster(case: str, tmp_path: Path) -> None:
    text, open_ = CLUSTER[case]
    (tmp_path / "all.yaml").write_text(text)
    expected = ["OAI_STORAGE_1 Deployment.clinic.notes"] if open_ else []
    assert [n for n in named(tmp_path, "kubernetes") if "STORAGE" in n] == expected


def test_a_class_of_another_folder_is_not_joined_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, app__all_yaml=OWN + CLAIM % NAMED, other__class_yaml=PLAIN)
    assert not [n for n in named(tmp_path, "kubernetes") if "STORAGE" in n]


def test_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(called() + database() + PLAIN)
    (record,) = (r for r in found(tmp_path, "kubernetes") if r.check_id == "OAI_STORAGE_1")
    assert record.file_line_range[0] == 13
    assert record.details[0].endswith(
        ": StatefulSet.clinic.vectors at all.yaml:15, kept on StorageClass.fast at all.yaml:30, "
        "which sets parameters.encrypted to false."
    )


def spots(root: Path, framework: str = "kubernetes") -> list[str]:
    return [s.text for w in analysis(root, framework).phi_workloads() for s in w.weak_spots]


def test_a_volume_of_its_own(tmp_path: Path) -> None:
    text = WORKLOAD.replace("kind: Deployment", "kind: StatefulSet") + TEMPLATE + "\n" + PLAIN
    (tmp_path / "all.yaml").write_text(text)
    assert spots(tmp_path) == [
        "a volume of it, kept on StorageClass.fast at all.yaml:15, which sets parameters.encrypted to false"
    ]


VOLUME = """---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec: {csi: {driver: d, volumeHandle: v, volumeAttributes: {encrypted: "false"}}}
"""


def test_a_claim_of_a_volume(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(OWN + CLAIM % "volumeName: disk, " + VOLUME)
    assert len(spots(tmp_path)) == 1
    (tmp_path / "all.yaml").write_text(OWN + CLAIM % "volumeName: other, " + VOLUME)
    assert spots(tmp_path) == []


def operated(kind: str, group: str, spec: str) -> str:
    return f"""---
apiVersion: {group}/v1
kind: {kind}
metadata: {{name: notes-db, namespace: clinic}}
spec: {spec}
"""


OPERATED = {
    "CloudNativePG": ("Cluster", "postgresql.cnpg.io", "{storage: {size: 1Gi, storageClass: fast}}", "notes-db-rw"),
    "Crunchy": ("PostgresCluster", "postgres-operator.crunchydata.com", "{instances: [{dataVolumeClaimSpec: {storageClassName: fast}}]}", "notes-db-primary"),
    "Strimzi": ("Kafka", "kafka.strimzi.io", "{kafka: {storage: {type: persistent-claim, class: fast}}}", "notes-db-kafka-bootstrap"),
    "MongoDB": ("MongoDBCommunity", "mongodbcommunity.mongodb.com", "{statefulSet: {spec: {volumeClaimTemplates: [{spec: {storageClassName: fast}}]}}}", "notes-db-svc"),
}  # fmt: skip


@pytest.mark.parametrize("case", OPERATED)
def test_a_database_of_an_operator(case: str, tmp_path: Path) -> None:
    kind, group, spec, host = OPERATED[case]
    object_ = operated(kind, group, spec) + PLAIN
    (tmp_path / "all.yaml").write_text(called("DATABASE_URL", f"db://{host}:1234/x") + object_)
    assert len(spots(tmp_path)) == 1
    (tmp_path / "all.yaml").write_text(called("DATABASE_URL", f"db://x{host}:1234/x") + object_)
    assert spots(tmp_path) == []


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("Cluster", "notes-db-app"),
        ("PostgresCluster", "notes-db-pguser-notes"),
        ("Kafka", "notes-db-cluster-ca-cert"),
        ("MongoDBCommunity", "notes-db-admin-notes"),
    ],
)
def test_a_database_by_the_secret_of_its_operator(kind: str, secret: str, tmp_path: Path) -> None:
    _, group, spec, _ = next(o for o in OPERATED.values() if o[0] == kind)
    entry = f"            - {{name: DATABASE_URI, valueFrom: {{secretKeyRef: {{name: {secret}, key: uri}}}}}}\n"
    (tmp_path / "all.yaml").write_text(WORKLOAD + entry + operated(kind, group, spec) + PLAIN)
    assert len(spots(tmp_path)) == 1


GATEWAY = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: litellm, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: litellm}}
    spec:
      containers:
        - name: proxy
          image: ghcr.io/berriai/litellm:main
          env:
            - {name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: k}}}
            - {name: DATABASE_URL, value: "postgresql://litellm@vectors:5432/litellm"}
---
apiVersion: v1
kind: Service
metadata: {name: litellm, namespace: clinic}
spec: {selector: {app: litellm}}
"""


def test_the_database_of_a_gateway_counts_at_its_caller(tmp_path: Path) -> None:
    caller = WORKLOAD[: WORKLOAD.index("            - {name: OPENAI")]
    caller += '            - {name: MODELS, value: "http://litellm:4000/v1"}\n'
    (tmp_path / "all.yaml").write_text(caller + GATEWAY + database(image="postgres:16") + PLAIN)
    records = [r for r in found(tmp_path, "kubernetes") if r.check_id == "OAI_STORAGE_1"]
    assert [r.resource for r in records] == ["Deployment.clinic.notes"]
    assert records[0].details[0].endswith("at Deployment.clinic.litellm, which it passes.")


def test_a_queue_that_is_handed_over_by_a_mapping(tmp_path: Path) -> None:
    text = """resource "aws_lambda_function" "notes" {
  function_name = "notes"
  tags          = { DataClassification = "PHI" }
  environment { variables = { OPENAI_API_KEY = var.x, DB = aws_rds_cluster_instance.i.endpoint } }
}
variable "x" {}
resource "aws_sqs_queue" "q" { sqs_managed_sse_enabled = false }
resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_sqs_queue.q.arn
  function_name    = aws_lambda_function.notes.arn
}
resource "aws_rds_cluster" "c" { storage_encrypted = false }
resource "aws_rds_cluster_instance" "i" { cluster_identifier = aws_rds_cluster.c.id }
"""
    (tmp_path / "main.tf").write_text(text)
    assert spots(tmp_path, "terraform") == [
        "aws_rds_cluster_instance.i at main.tf:13, kept on aws_rds_cluster.c at main.tf:12, which sets storage_encrypted to False",
        "aws_sqs_queue.q at main.tf:7, which sets sqs_managed_sse_enabled to False",
    ]


def test_a_class_in_terraform(tmp_path: Path) -> None:
    text = """resource "kubernetes_stateful_set_v1" "notes" {
  metadata {
    name   = "notes"
    labels = { data-classification = "phi" }
  }
  spec {
    template {
      spec {
        container {
          name = "app"
          env {
            name  = "OPENAI_API_KEY"
            value = var.x
          }
        }
      }
    }
    volume_claim_template {
      spec { storage_class_name = kubernetes_storage_class_v1.fast.metadata[0].name }
    }
  }
}
variable "x" {}
resource "kubernetes_storage_class_v1" "fast" {
  metadata { name = "fast" }
  parameters = { encrypted = "%s" }
}
"""
    for said, open_ in (("false", 1), ("true", 0)):
        (tmp_path / "main.tf").write_text(text % said)
        assert len(spots(tmp_path, "terraform")) == open_


def test_a_claim_in_terraform(tmp_path: Path) -> None:
    text = """resource "kubernetes_deployment" "notes" {
  metadata {
    name   = "notes"
    labels = { data-classification = "phi" }
  }
  spec {
    template {
      spec {
        container {
          name = "app"
          env {
            name  = "OPENAI_API_KEY"
            value = var.x
          }
        }
        volume {
          name = "d"
          persistent_volume_claim { claim_name = kubernetes_persistent_volume_claim.d.metadata[0].name }
        }
      }
    }
  }
}
variable "x" {}
resource "kubernetes_persistent_volume_claim" "d" {
  metadata { name = "d" }
  spec { storage_class_name = kubernetes_storage_class.fast.metadata[0].name }
}
resource "kubernetes_storage_class" "fast" {
  metadata { name = "fast" }
  parameters = { encrypted = "false" }
}
"""
    (tmp_path / "main.tf").write_text(text)
    (spot,) = spots(tmp_path, "terraform")
    assert spot.startswith("kubernetes_persistent_volume_claim.d at main.tf:25, kept on ")


BICEP = """param key string
resource app 'Microsoft.Web/sites@2023-12-01' = {
  name: 'notes'
  tags: { DataClassification: 'PHI' }
  properties: { siteConfig: { appSettings: [
    { name: 'OPENAI_API_KEY', value: key }
    { name: 'DB', value: db.name }
  ] } }
}
resource db 'Microsoft.Sql/servers/databases@2023-08-01' = {
  name: 'server/db'
  location: 'eastus'
}
resource tde 'Microsoft.Sql/servers/databases/transparentDataEncryption@2023-08-01' = {
  parent: db
  name: 'current'
  properties: { state: '%s' }
}
"""
ID = "[resourceId('Microsoft.Sql/servers/databases', 'server', 'db')]"


def azure(framework: str, state: str) -> tuple[str, str]:
    if framework == "bicep":
        return "main.bicep", BICEP % state
    base = "Microsoft.Sql/servers/databases"
    site = {
        "type": "Microsoft.Web/sites", "name": "notes", "tags": {"DataClassification": "PHI"},
        "properties": {"siteConfig": {"appSettings": [
            {"name": "OPENAI_API_KEY", "value": "[parameters('key')]"},
            {"name": "DB", "value": f"[reference({ID.strip('[]')}).name]"},
        ]}},
    }  # fmt: skip
    tde = {"type": f"{base}/transparentDataEncryption", "name": "server/db/current", "dependsOn": [ID], "properties": {"state": state}}  # fmt: skip
    db = {"type": base, "name": "server/db", "location": "eastus"}
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return "azuredeploy.json", json.dumps({"$schema": schema, "resources": [site, db, tde]}, indent=1)  # fmt: skip


@pytest.mark.parametrize("framework", ["arm", "bicep"])
@pytest.mark.parametrize(("state", "open_"), [("Disabled", True), ("Enabled", False)])
def test_what_another_resource_says(
    tmp_path: Path, framework: str, state: str, open_: bool
) -> None:
    name, text = azure(framework, state)
    (tmp_path / name).write_text(text)
    seen = analyse(
        read_files(FilesInput(framework, str(tmp_path), [str(tmp_path / name)]), around())
    )
    (workload,) = (w for w in seen.estate.workloads if w.uses)
    assert [s.kind for s in workload.weak_spots] == ["storage"] * open_


STACK = """AWSTemplateFormatVersion: '2010-09-09'
Parameters: {Key: {Type: String, NoEcho: true}}
Resources:
  Notes:
    Type: AWS::Lambda::Function
    Properties:
      Tags: [{Key: DataClassification, Value: PHI}]
      Environment: {Variables: {OPENAI_API_KEY: !Ref Key, DB: !GetAtt Instance.Endpoint.Address}}
  Instance: {Type: 'AWS::RDS::DBInstance', Properties: {DBClusterIdentifier: !Ref Cluster}}
  Cluster: {Type: 'AWS::RDS::DBCluster', Properties: {Engine: aurora-postgresql%s}}
"""


@pytest.mark.parametrize(("more", "open_"), [("", True), (", StorageEncrypted: true", False)])
def test_an_instance_is_as_its_cluster_is(tmp_path: Path, more: str, open_: bool) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(STACK % more)
    seen = analyse(read_files(FilesInput("cloudformation", str(tmp_path), [str(file)]), around()))
    (workload,) = (w for w in seen.estate.workloads if w.uses)
    said = (
        "AWS::RDS::DBInstance.Instance at template.yaml:9, kept on AWS::RDS::DBCluster.Cluster at "
    )
    assert [s.text.startswith(said) for s in workload.weak_spots] == [True] * open_

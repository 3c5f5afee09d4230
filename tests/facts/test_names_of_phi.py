"""Names of data: what says firmly that it is PHI, what only suggests it, and what says neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.facts.signatures import signatures
from openai_phi.scanning.scan import Options, scan_folder

NAMES = signatures()


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("data-classification", "patient-data", True),
        ("data-classification", "health", True),
        ("DataClassification", "Medical", True),
        ("data-classification", "special-category", True),
        ("classification", "MICROSOFT.PERSONAL.HEALTH.CONDITION", True),
        ("data-classification", "MEDICAL_RECORD_NUMBER", True),
        ("classification", "MICROSOFT.PERSONAL.HEALTH_INFORMATION", True),
        ("macie-type", "USA_HEALTH_INSURANCE_CLAIM_NUMBER", True),
        ("data-identifier", "USA_MEDICARE_BENEFICIARY_IDENTIFIER", True),
        ("data-type", "UK_NHS_NUMBER", True),
        ("data-type", "HealthInsuranceCardNumber", True),
        ("dlp-infotype", "MEDICAL_RECORD_NUMBER", True),
        ("infoType", "US_MEDICARE_BENEFICIARY_ID_NUMBER", True),
        ("classification", "ICD10_CODE", True),
        ("gdpr", "special-category", True),
        ("data-classification", "gdpr-art-9", True),
        # numbers of providers and of things, and data that is of nobody's health
        ("data-type", "US_HEALTHCARE_NPI", None),
        ("macie-type", "MEDICAL_DEVICE_UDI", None),
        ("dlp-infotype", "CREDIT_CARD_NUMBER", None),
        ("gdpr", "true", None),
        ("compliance", "hitrust", True),
        ("compliance", "hippa", True),
        ("compliance", "hipaa-compliant", True),
        # what a service may be used for says nothing of what it holds
        ("compliance", "hipaa-eligible", None),
        ("hipaa-eligible", "true", None),
        ("type", "health", None),
        ("data-classification", "public", None),
        ("data-classification", "non-health", False),
    ],
)
def test_what_a_label_says(key: str, value: str, says: bool | None) -> None:
    marker = NAMES.marker(key, value)
    assert (marker.says_phi if marker else None) == says


@pytest.mark.parametrize(
    ("name", "value", "suggests"),
    [
        ("FHIR_SERVER_URL", "http://records.internal:8080/fhir", True),
        ("FHIR_BASE_URL", None, True),
        ("APP_EHR_API_BASE", "https://ehr.internal", True),
        ("CLINICAL_NOTES_SOURCE", "s3://notes", True),
        ("CLINICAL_NOTES", "notes", True),
        ("HL7_FEED_HOST", "mirth", True),
        ("DICOM_STORE_ID", "imaging", True),
        ("PATIENT_DB_NAME", "p", True),
        ("PATIENTS_TABLE", "p", True),
        ("EMR_FHIR_ENDPOINT", "x", True),
        ("FHIR_SERVER_URL", "", False),
        ("FHIR_SOURCE", "false", False),
        ("FHIR_SERVER_URL", "http://synthetic-fhir:8080", False),
        ("MOCK_FHIR_SERVER_URL", "http://a", False),
        ("FHIR_VERSION", "R4", False),
        ("FHIR_SCHEMA_PATH", "/schemas", False),
        ("fhirServerUrl", "http://a", False),
        ("CLINICAL_TRIALS_API_URL", "https://clinicaltrials.gov/api", False),
        ("EMR_CLUSTER_ID", "j-1", False),
        ("EMR_LOG_BUCKET", "logs", False),
        ("ALERT_TRIAGE_QUEUE", "q", False),
        ("VET_CLINICAL_DB_HOST", "db", False),
        ("PATIENCE_URL", "x", False),
        ("OUTPATIENTLY_URL", "x", False),
        ("DATABASE_URL", "postgres://db/x", False),
    ],
)
def test_what_a_name_of_a_setting_suggests(name: str, value: str | None, suggests: bool) -> None:
    assert NAMES.is_suspected_setting(name, value) is suggests


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("lab-results-api", "lab_results"),
        ("prior-authorization", "prior_authorization"),
        ("prior-auth-api", "prior_auth"),
        ("particlehealth-sync", "particlehealth"),
        ("redox-adapter", "redox"),
        ("redox-os", ""),
        ("clinic", "clinic"),
        ("emr-export", "emr"),
        ("patient-triage", "patient"),
        ("emr-spark", ""),
        ("triage-bot", ""),
        ("bug-triage", ""),
        ("vet-clinic", ""),
        ("synthetic-patients", ""),
        ("claims-mapper", ""),
        ("particle-effects", ""),
        ("genome-browser", ""),
    ],
)
def test_what_a_name_suggests(name: str, word: str) -> None:
    assert NAMES.suspected(name) == word


@pytest.mark.parametrize(
    ("type_", "holds"),
    [
        ("google_healthcare_pipeline_job", True),
        ("awscc_omics_sequence_store", True),
        ("Microsoft.HealthDataAIServices/deidServices", True),
        ("azurerm_healthbot", True),
        ("google_dataflow_job", False),
        ("aws_emr_cluster", False),
    ],
)
def test_which_types_hold_phi(type_: str, holds: bool) -> None:
    assert NAMES.is_phi_type(type_) is holds


@pytest.mark.parametrize(
    ("label", "phi"),
    [
        ("data-class: health", True),
        ("data-type: patient", True),
        ("confidentiality: clinical", True),
        ("gdpr: special-category", True),
        ("info-type: UK_NHS_NUMBER", True),
        ("macie: USA_MEDICARE_BENEFICIARY_IDENTIFIER", True),
        ("data-class: gold", False),
        ("info-type: CREDIT_CARD_NUMBER", False),
    ],
)
def test_a_file_that_holds_the_label_alone_is_read(tmp_path: Path, label: str, phi: bool) -> None:
    space = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: t, labels: {{{label}}}}}\n"
    program = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: svc, namespace: t}\n"
        "spec: {template: {spec: {containers: [{name: app, image: x, env: [{name: OPENAI_API_KEY, "
        "valueFrom: {secretKeyRef: {name: k, key: k}}}]}]}}}\n"
    )
    (tmp_path / "space.yaml").write_text(space, encoding="utf-8")
    (tmp_path / "program.yaml").write_text(program, encoding="utf-8")
    found = {f.rule for f in scan_folder(Options(str(tmp_path))).findings}
    assert ("OAI_COVERAGE_9" in found) is phi


def test_a_label_that_names_the_program_suggests_as_its_own_name_does(tmp_path: Path) -> None:
    text = (
        "apiVersion: apps/v1\nkind: Deployment\n"
        "metadata: {name: svc, namespace: t, labels: {LABEL: patient-portal}}\n"
        "spec: {template: {spec: {containers: [{name: app, image: x, env: [{name: OPENAI_API_KEY, "
        "valueFrom: {secretKeyRef: {name: k, key: k}}}]}]}}}\n"
    )
    told = {}
    for label in ("app.kubernetes.io/name", "app", "team"):
        (tmp_path / "a.yaml").write_text(text.replace("LABEL", label), encoding="utf-8")
        found = scan_folder(Options(str(tmp_path))).findings
        told[label] = "OAI_DECLARATION_3" in {f.rule for f in found}
    assert told == {"app.kubernetes.io/name": True, "app": True, "team": False}

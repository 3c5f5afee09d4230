"""What a label says of PHI: as one word of several, denied by a whole phrase, or left open."""

from __future__ import annotations

import pytest

from openai_phi.facts.signatures import signatures

NAMES = signatures()
SAYS, DENIES, OPEN = (True, "declared"), (False, "declared"), (True, "suspected")


def said(key: str, value: str) -> tuple[bool, str] | None:
    marker = NAMES.marker(key, value)
    return (marker.says_phi, marker.confidence) if marker else None


@pytest.mark.parametrize(
    "value",
    [
        "PHI-and-PII",
        "phi_v2",
        "ePHI",
        "hipaa-2024",
        "hipaa-soc2",
        "PII/PHI",
        "restricted: PHI",
        "ContainsPHI",
        "phi-non-prod",
        "phi-nonprod",
        "phi-free-text",
        "phi-no-export",
        "phi-not-encrypted",
        "phi-and-non-phi",
        "no-pii, phi",
        "non-prod-phi",
    ],
)
def test_phi_is_one_word_of_several(value: str) -> None:
    assert said("data-classification", value) == SAYS


@pytest.mark.parametrize(
    "value",
    [
        "no-phi",
        "non_phi",
        "NonPHI",
        "nophi",
        "not phi",
        "without-phi",
        "phi-free",
        "contains-no-phi",
        "no-pii-no-phi",
        "No PHI or PII",
        "public, no-phi",
        "not-hipaa",
        "synthetic-phi",
    ],
)
def test_a_denial_is_a_whole_phrase(value: str) -> None:
    assert said("data-classification", value) == DENIES


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("data-classification", "phi-tbd"),
        ("data-classification", "maybe-phi"),
        ("data-classification", "no-phi-export"),
        ("phi", "unknown"),
        ("contains-phi", "pending"),
        ("no-phi", "false"),
    ],
)
def test_what_cannot_be_decided_is_left_open(key: str, value: str) -> None:
    assert said(key, value) == OPEN


@pytest.mark.parametrize(
    "value",
    [
        "graphi",
        "delphi",
        "philadelphia",
        "phillips",
        "sphinx",
        "sapphire",
        "phishing",
        "phi-3-mini",
    ],
)
def test_a_word_that_holds_those_letters_says_nothing(value: str) -> None:
    assert said("data-classification", value) is None


@pytest.mark.parametrize(
    "key",
    [
        "data",
        "data-level",
        "dataType",
        "DataClassification",
        "confidentiality",
        "sensitivity",
        "zone",
        "compliance",
        "data-owner-class",
        "acme.example/security-zone",
        "regulation",
    ],
)
def test_which_names_classify(key: str) -> None:
    assert said(key, "phi") == SAYS


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("app", "phi"),
        ("team", "hipaa-office"),
        ("metadata", "phi"),
        ("model-type", "phi"),
        ("dns-zone", "phi.example.org"),
        ("phi", "1.618"),
        ("rotation-phi", "90"),
    ],
)
def test_which_names_do_not(key: str, value: str) -> None:
    assert said(key, value) is None


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("phi", "false", DENIES),
        ("phi", "none", DENIES),
        ("hipaa", "n/a", DENIES),
        ("hipaa", "out-of-scope", DENIES),
        ("no-phi", "true", DENIES),
        ("phi-free", "yes", DENIES),
        ("phi", "partial", SAYS),
        ("acme.example/phi", "true", SAYS),
    ],
)
def test_flags(key: str, value: str, says: tuple[bool, str]) -> None:
    assert said(key, value) == says


@pytest.mark.parametrize(
    ("key", "value", "other"),
    [
        ("data-classification", "public", True),
        ("DataClassification", "Internal", True),
        ("acme.example/data-class", "internal use only", True),
        ("sensitivity", "non-sensitive", True),
        ("data_classification", "public, internal", True),
        ("data-classification", "confidential", False),
        ("data-classification", "restricted", False),
        ("data-classification", "public, restricted", False),
        ("data-classification", "pii", False),
        ("data-classification", "phi", False),
        ("data-classification", "", False),
        ("zone", "internal", False),
        ("scheme", "internal", False),
        ("visibility", "public", False),
    ],
)
def test_a_class_that_is_no_phi_by_its_meaning(key: str, value: str, other: bool) -> None:
    """It answers what data it is and says nothing of PHI; those that PHI may fall below do not."""
    assert NAMES.is_other_class(key, value) is other
    if other:
        assert said(key, value) is None

"""What a policy says of destinations: which hosts a line speaks of, and which lines are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import COMPLIANCE, POLICY, WORKLOAD
from openai_phi.declared.declared_destinations import DeclaredDestination, destination_for
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.places import Place

AT = Place("openai-policy.yaml", 1)
AGREED = "agreements:\n  - {id: baa-vendor, kind: baa, provider: vendor, hosts: [way.vendor.example], signed_on: 2026-02-01}\n"
BASE = '            - {name: OPENAI_BASE_URL, value: "https://way.vendor.example/v1"}\n'
LAB = '            - {name: LAB_URL, value: "https://lab.vendor.example"}\n'


def _found(folder: Path, more: str, setting: str = BASE, limits: str = "") -> list[str]:
    policy = POLICY.replace("agreements:\n", AGREED) + more + limits
    (folder / "all.yaml").write_text(WORKLOAD + setting)
    (folder / "openai-compliance.yaml").write_text(COMPLIANCE)
    (folder / "openai-policy.yaml").write_text(policy)
    result = scan_folder(Options(str(folder)))
    return sorted(f.rule for f in result.findings if f.severity == "HIGH")


def test_a_pattern_fits_what_is_below_it_and_the_whole_name_comes_first() -> None:
    wide = DeclaredDestination(host="*.clinic.example", reason="wide", place=AT)
    lab = DeclaredDestination(host="lab.clinic.example", reason="lab", place=AT)
    assert destination_for((wide, lab), "lab.clinic.example") is lab
    assert destination_for((wide, lab), "a.b.clinic.example") is wide
    assert destination_for((wide, lab), "clinic.example") is None
    assert destination_for((wide, lab), "evilclinic.example") is None


@pytest.mark.parametrize(
    ("line", "settled"),
    [
        ("kind: vendor, agreement: baa-vendor", True),
        ("agreement: vendor", True),
        ("kind: model_server", True),
        ("kind: internal", False),
        ("reason: reminders of appointments", False),
        ("reason: reminders of appointments, phi: none", False),
    ],
)
def test_what_settles_a_destination_that_a_key_is_sent_to(
    line: str, settled: bool, tmp_path: Path
) -> None:
    found = _found(tmp_path, f"destinations:\n  - {{host: way.vendor.example, {line}}}\n")
    assert found == ([] if settled else ["OAI_COVERAGE_9"])


def test_an_agreement_holds_for_the_hosts_that_it_names_alone(tmp_path: Path) -> None:
    line = "destinations:\n  - {host: '*.vendor.example', agreement: baa-vendor}\n"
    assert _found(tmp_path, line, BASE.replace("way.", "other.")) == ["OAI_COVERAGE_9"]


@pytest.mark.parametrize(
    "line",
    [
        "host: '*', kind: model_server",
        "host: '*.com', reason: everything",
        "host: way.vendor.example",
        "host: way.vendor.example, kind: vendor",
        "host: way.vendor.example, agreement: nobody",
    ],
)
def test_a_line_that_says_nothing_or_too_much_is_a_mistake(line: str, tmp_path: Path) -> None:
    assert "OAI_DECLARATION_1" in _found(tmp_path, f"destinations:\n  - {{{line}}}\n")


def test_others_are_shown_and_fail_only_where_the_policy_asks(tmp_path: Path) -> None:
    fail = "limits: {unaccounted: fail}\n"
    assert _found(tmp_path, "", LAB) == []
    assert _found(tmp_path, "", LAB, fail) == ["OAI_COVERAGE_9"]
    line = "destinations:\n  - {host: lab.vendor.example, reason: orders of reagents}\n"
    assert _found(tmp_path, line, LAB, fail) == []


def test_what_is_new_fails_as_all_does_where_no_revision_is_trusted(tmp_path: Path) -> None:
    assert _found(tmp_path, "", LAB, "limits: {unaccounted: new}\n") == ["OAI_COVERAGE_9"]

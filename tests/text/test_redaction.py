"""No literal key is shown, whatever the form it is written in; all else stays as it is."""

from __future__ import annotations

import pytest

from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import MASK, signatures
from openai_phi.observing.observer import Observer
from openai_phi.text.redaction import Redactor
from openai_phi.words.resources import Resource, Setting

KEY = "sk-" + "proj-abcdefghijklmnopqrstuvwx"
ODD = "a1b2c3d4e5f6a7b8"


@pytest.mark.parametrize(
    "text",
    [
        f"OPENAI_API_KEY={KEY}",
        f"  OPENAI_API_KEY: {ODD}",
        f'  "openai_api_key" = "{ODD}"',
        f"AZURE_OPENAI_KEY: '{ODD}'",
        f'{{"name": "x", "OPENAI_API_KEY": "{ODD}"}}',
        f'    variables = {{ A = "1", OPENAI_API_KEY = "{ODD}" }}',
        f"anything at all with {KEY} in it",
        f"https://user:{KEY}@host/",
    ],
)
def test_a_line_with_a_key(text: str) -> None:
    clean = Redactor(signatures()).text(text)
    assert KEY not in clean
    assert ODD not in clean
    assert MASK in clean


@pytest.mark.parametrize(
    "text",
    [
        "OPENAI_API_KEY: $(KEY)",
        "  OPENAI_API_KEY = var.openai_key",
        'OPENAI_API_KEY = "${aws_ssm_parameter.key.value}"',
        "OPENAI_BASE_URL: https://api.openai.com/v1",
        "PORT=80",
        "risk-assessment-of-the-whole-organization",
    ],
)
def test_a_line_without_a_key_is_unchanged(text: str) -> None:
    assert Redactor(signatures()).text(text) == text


def test_a_pair_over_two_lines() -> None:
    lines = [
        (1, "- name: OPENAI_API_KEY\n"),
        (2, f"  value: {ODD}\n"),
        (3, "- name: A\n"),
        (4, "  value: b\n"),
    ]
    clean = Redactor(signatures()).lines(lines)
    assert [n for n, _ in clean] == [1, 2, 3, 4]
    assert clean[1][1] == f"  value: {MASK}\n"
    assert [clean[i] for i in (0, 2, 3)] == [lines[i] for i in (0, 2, 3)]


def test_data() -> None:
    data = {
        "env": [{"name": "OPENAI_API_KEY", "value": ODD}, {"name": "A", "value": "b"}],
        "OPENAI_API_KEY": ODD,
        "text": f"first\nOPENAI_API_KEY={KEY}",
        "n": 3,
    }
    clean = Redactor(signatures()).data(data)
    assert clean["env"] == [{"name": "OPENAI_API_KEY", "value": MASK}, {"name": "A", "value": "b"}]
    assert clean["OPENAI_API_KEY"] == MASK
    assert clean["text"] == f"first\nOPENAI_API_KEY={MASK}"
    assert clean["n"] == 3


def test_a_key_in_the_wrong_place_is_no_evidence_of_itself() -> None:
    def setting(name: str, value: str, role: str = "env") -> Setting:
        return Setting(name, value, ("env", name), 1, role=role)

    wrong = (
        setting("OPENAI_MODEL", KEY),
        setting("OPENAI_PROJECT_ID", KEY),
        setting("OPENAI_BASE_URL", f"https://u:{KEY}@api.openai.com/v1/{KEY}?key={KEY}"),
        setting("data-classification", f"phi {KEY}", "marker"),
    )
    resource = Resource("kubernetes", "Pod", "Pod.a", "a", "", "a.yaml", 1, 2, wrong)
    observer = Observer(signatures(), load_catalogue())
    found = [*observer.observe(resource, wrong), *observer.phi(resource, wrong)]
    assert {e.name for e in found} >= {"OPENAI_MODEL", "OPENAI_BASE_URL"}
    assert KEY not in repr(found)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("url: https://me:s3cret@api.openai.com/v1", "url: https://MASK@api.openai.com/v1"),
        ("a https://b.example/c?x=1&api_key=s3cret d", "a https://b.example/c?x=1&api_key=MASK d"),
        ("https://b.example/c?Token=s3cret", "https://b.example/c?Token=MASK"),
        ("https://${var.user}:${var.password}@b.example", None),
        ("https://me@b.example/c?monkey=a", None),
        ("https://b.example:8080/a@b", None),
    ],
)
def test_secrets_in_urls_are_masked(text: str, clean: str | None) -> None:
    assert signatures().masked(text) == (clean or text).replace("MASK", MASK)

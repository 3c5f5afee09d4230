"""Names as patterns that they fit, and as YAML that can be pasted."""

from __future__ import annotations

import pytest
import yaml

from openai_phi.facts.written_names import fits, is_pattern, scalar


@pytest.mark.parametrize(
    ("name", "pattern", "fit"),
    [
        ("Deployment.clinic.notes", "Deployment.clinic.*", True),
        ("Deployment.clinic.notes", "Deployment.clinic.note?", True),
        ("Deployment.clinic.notes", "deployment.clinic.notes", False),
        ('aws_lambda_function.f["night"]', 'aws_lambda_function.f["night"]', True),
        ('aws_lambda_function.f["night"]', "aws_lambda_function.f[*]", True),
        ('aws_lambda_function.f["night"]', 'aws_lambda_function.f["day"]', False),
        ("aws_lambda_function.fn", "aws_lambda_function.f[nm]", False),
        ("Microsoft.Web/sites.[parameters('name')]", "Microsoft.Web/sites.[parameters('name')]", True),
        ("a*b", "a*b", True),
    ],
)  # fmt: skip
def test_a_name_fits_a_pattern(name: str, pattern: str, fit: bool) -> None:
    assert fits(name, pattern) is fit


def test_brackets_alone_make_no_pattern() -> None:
    assert [is_pattern(t) for t in ('f["a"]', "f[*]", "f?", "f")] == [False, True, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "Deployment.clinic.notes", "Microsoft.Web/sites.[parameters('name')]", 'f["night"]', "a, b", "{a: b}",
        "x # y", "- x", "a: b", "host:8443", "*", "&a", "!t", "%", "@x", "", " x ", "Null", "12", "1e3", "2026-01-01",
        "a\nb", 'say "x"', "é\u2028", "/v1/responses", "…",
    ],
)  # fmt: skip
def test_what_is_pasted_is_read_as_the_same_text(text: str) -> None:
    line = f"- {{match: {scalar(text)}, data: none}}"
    assert len(line.splitlines()) == 1
    assert yaml.safe_load(line) == [{"match": text, "data": "none"}]

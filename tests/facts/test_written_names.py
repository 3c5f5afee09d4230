"""Names as patterns that they fit."""

from __future__ import annotations

import pytest

from openai_phi.facts.written_names import fits, is_pattern


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

"""Names as patterns that they fit."""

from __future__ import annotations

import pytest

from openai_phi.facts.written_names import fits, fits_any_name, fits_any_of_kind, is_pattern


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
    ("name", "pattern", "any_name", "any_of_kind"),
    [
        ("Deployment.a.notes", "Dep*", True, True),
        ("Deployment.a.notes", "Deployment.a*", True, False),
        ("Deployment.a.notes", "Deployment.*", True, True),
        ("Deployment.a.notes", "Deployment.a.not*", False, False),
        ("Deployment.a.notes", "Deployment.a.*otes", False, False),
        ("Deployment.a.notes", "*notes", False, False),
        ("Deployment.a.notes", "Deployment.a.notes", False, False),
        ('aws_lambda_function.notes["a.b"]', "aws_lambda_function.notes*", False, False),
        ('aws_lambda_function.notes["a.b"]', "aws_lambda*", True, True),
        ("module.notes.aws_lambda_function.f", "module.notes*", True, False),
        ("notes", "not*", False, False),
        ("notes", "*", True, True),
    ],
)
def test_what_names_nothing_in_particular(
    name: str, pattern: str, any_name: bool, any_of_kind: bool
) -> None:
    assert (fits_any_name(name, pattern), fits_any_of_kind(name, pattern)) == (
        any_name,
        any_of_kind,
    )

"""What folders and files tell of the environment that they make, and which are twins."""

from __future__ import annotations

import pytest

from openai_phi.facts.environments import environment_names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("terraform/envs/dev", "dev"),
        ("live/prod/us-east-1/app", "prod"),
        ("kubernetes/overlays/clinic-a", "clinic-a"),
        ("clusters/prod-eu", "prod-eu"),
        ("terraform/marketing", ""),
        ("services/developer-portal", ""),
        ("latest/devices", ""),
        (".", ""),
    ],
)
def test_of_a_folder(path: str, name: str) -> None:
    assert environment_names().of_path(path) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("values-dev.yaml", "dev"),
        ("values.prod-eu.yaml", "prod-eu"),
        ("prod.tfvars", "prod"),
        ("../../envs/prod/values.yaml", "prod"),
        ("environments/prod/app.yaml", "prod"),
        ("clinic.tfvars.json", "clinic"),
        ("params/params-clinic.json", "clinic"),
    ],
)
def test_of_a_file(path: str, name: str) -> None:
    assert environment_names().of_file(path) == name


def test_twins() -> None:
    names = environment_names()
    assert names.without("terraform/envs/dev/main.tf") == names.without(
        "terraform/envs/prod/main.tf"
    )
    assert names.without("k8s/overlays/a/x.yaml") == names.without("k8s/overlays/b/x.yaml")
    assert names.without("services/a/main.tf") != names.without("services/b/main.tf")
    assert names.bare_name("summaries-prod") == names.bare_name("summaries-dev")
    assert names.bare_name("product") == "product"

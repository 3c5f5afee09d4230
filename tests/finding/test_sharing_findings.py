"""Admin keys, keys and projects that PHI shares, and models that were tuned on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import found, named, write

POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-a], terms: %s, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_a], approved_on: 2026-10-10}
projects:
  - {id: proj_a, organization: org-a, retention_days: 30, delegated_to: ["**"]}
%s"""
LISTED = "openai-baa-2026-10"


def pod(name: str, env: str, namespace: str = "apps") -> str:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec:\n  containers:\n    - name: app\n      image: registry.example.org/{name}:1\n"
        f"      env:\n        - {env}\n---\n"
    )


def secret(name: str, variable: str = "OPENAI_API_KEY", entry: str = "OPENAI_API_KEY") -> str:
    return f"{{name: {variable}, valueFrom: {{secretKeyRef: {{name: {name}, key: {entry}}}}}}}"


def declared(**data: str) -> str:
    lines = [f"  - {{match: '*.{name}', {text}}}\n" for name, text in data.items()]
    return "version: 1\nworkloads:\n" + "".join(lines)


PHI = "data: phi, project: proj_a, endpoints: [/v1/embeddings], features: []"
SHAPE = "sk-" + "admin-" + "0123456789abcdefghij"


@pytest.mark.parametrize(
    ("env", "flagged"),
    [
        (secret("openai", "OPENAI_ADMIN_KEY"), True),
        (secret("openai", "KEY", "OPENAI_ADMIN_KEY"), True),
        ("{name: APP_OPENAI_ADMIN_API_KEY, value: $(ADMIN)}", True),
        (f"{{name: OPENAI_API_KEY, value: {SHAPE}}}", True),
        ("{name: OPENAI_ADMIN_KEY, value: none}", False),
        (secret("openai"), False),
        ("{name: OPENAI_ADMIN_EMAIL, value: ops@clinic.example}", False),
    ],
)
def test_what_is_an_admin_key(tmp_path: Path, env: str, flagged: bool) -> None:
    write(tmp_path, pod_yaml=pod("sync", env))
    (tmp_path / "openai-compliance.yaml").write_text(declared(sync="data: none"))
    records = [r for r in found(tmp_path, "kubernetes") if r.check_id == "OAI_SECRET_2"]
    assert len(records) == flagged
    for record in records:
        name = env.split(",")[0].split(": ")[1]
        assert record.details[0] == (
            f"Pod.apps.sync holds a key that administers the whole organization ({name})."
        )
        assert SHAPE not in str(vars(record))


def test_a_job_that_deploys_may_hold_an_admin_key(tmp_path: Path) -> None:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "deploy.yaml").write_text(
        "on: push\njobs:\n  apply:\n    runs-on: ubuntu-latest\n    env:\n"
        "      OPENAI_ADMIN_KEY: ${{ secrets.OPENAI_ADMIN_KEY }}\n    steps: [{run: terraform apply}]\n"
    )
    assert "OAI_SECRET_2" not in str(named(tmp_path, "yaml"))


SHARED = {
    # two pods, what is declared of the second, credentials -> whether they are known to share
    "one key": (pod("notes", secret("openai")) + pod("menus", secret("openai")), "data: none", "", True),
    "two keys of one secret": (
        pod("notes", secret("openai", entry="A")) + pod("menus", secret("openai", entry="B")),
        "data: none", "", False,
    ),
    "one name in two namespaces": (
        pod("notes", secret("openai")) + pod("menus", secret("openai"), "web"), "data: none", "", False,
    ),
    "two keys of one project": (
        pod("notes", secret("openai")) + pod("menus", secret("other")), "data: none",
        "credentials:\n  - {project: proj_a, kubernetes: apps/other}\n", True,
    ),
    "one project, as the team says": (
        pod("notes", secret("openai")) + pod("menus", secret("other")), "data: none, project: proj_a",
        "", True,
    ),
    "both handle PHI": (
        pod("notes", secret("openai")) + pod("menus", secret("openai")), PHI, "", False,
    ),
    "the other is not classified": (
        pod("notes", secret("openai")) + pod("menus", secret("openai")), "project: proj_a", "", False,
    ),
    "synthetic data is other work": (
        pod("notes", secret("openai")) + pod("menus", secret("openai")),
        "data: synthetic, basis: made up", "", True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SHARED)
def test_what_phi_shares(tmp_path: Path, case: str) -> None:
    pods, other, credentials, shares = SHARED[case]
    write(tmp_path, pods_yaml=pods)
    (tmp_path / "openai-policy.yaml").write_text(POLICY % (LISTED, credentials))
    (tmp_path / "openai-compliance.yaml").write_text(declared(notes=PHI, menus=other))
    records = [r for r in found(tmp_path, "kubernetes") if r.check_id == "OAI_SECRET_3"]
    assert [r.resource for r in records] == ["Pod.apps.notes"] * shares
    if case == "one key":
        assert records[0].details[0] == (
            "The key in kubernetes:apps/openai#OPENAI_API_KEY serves PHI (Pod.apps.notes) and other "
            "work (Pod.apps.menus)."
        )


TUNING = """
resource "openai_fine_tuning_job" "notes" {
  model         = "gpt-4o-mini"
  training_file = "file-abc123def"
  suffix        = "notes"
}

resource "aws_lambda_function" "by_reference" {
  function_name = "a"
  environment {
    variables = {
      OPENAI_API_KEY = "$KEY"
      OPENAI_MODEL   = openai_fine_tuning_job.notes.fine_tuned_model
    }
  }
}

resource "aws_lambda_function" "by_name" {
  function_name = "b"
  environment {
    variables = {
      OPENAI_API_KEY = "$KEY"
      OPENAI_MODEL   = "ft:gpt-4o-mini:acme:notes:abc123"
    }
  }
}

resource "aws_lambda_function" "another" {
  function_name = "c"
  environment {
    variables = {
      OPENAI_API_KEY = "$KEY"
      OPENAI_MODEL   = "ft:gpt-4o-mini:acme:menus:abc123"
    }
  }
}
"""
TUNED = (
    "version: 1\nworkloads:\n  - {match: openai_fine_tuning_job.notes, data: %s, project: proj_a}\n"
)


def tuning(folder: Path, data: str, terms: str) -> list[str]:
    write(folder, main_tf=TUNING)
    (folder / "openai-policy.yaml").write_text(POLICY % (terms, ""))
    (folder / "openai-compliance.yaml").write_text(TUNED % data)
    return [t for t in named(folder, "terraform") if "COVERAGE_1 " in t or "COVERAGE_8" in t]


def test_phi_in_a_tuned_model_and_where_it_is_used(tmp_path: Path) -> None:
    elsewhere = [
        "OAI_COVERAGE_8 aws_lambda_function.by_name",
        "OAI_COVERAGE_8 aws_lambda_function.by_reference",
    ]
    told = tuning(tmp_path / "listed", "phi", LISTED)
    assert told == [*elsewhere, "OAI_COVERAGE_8 openai_fine_tuning_job.notes"]
    messages = [r.details[0] for r in found(tmp_path / "listed") if r.check_id == "OAI_COVERAGE_8"]
    assert sorted(set(messages)) == [
        "aws_lambda_function.by_name uses a model that openai_fine_tuning_job.notes tunes on PHI, and is "
        "not known to handle PHI itself.",
        "aws_lambda_function.by_reference uses a model that openai_fine_tuning_job.notes tunes on PHI, "
        "and is not known to handle PHI itself.",
        "openai_fine_tuning_job.notes handles PHI and sends it into tuning (/v1/fine_tuning/jobs).",
    ]
    told = tuning(tmp_path / "strict", "phi", "our-own")
    assert told == ["OAI_COVERAGE_1 openai_fine_tuning_job.notes", *elsewhere]
    assert tuning(tmp_path / "none", "none", LISTED) == []

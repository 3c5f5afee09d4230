"""Terraform as the repository's commands plan it: `-var`, `-var-file` and `TF_VAR_…`, wherever they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, found

MAIN = """variable "class" {
  type    = string
  default = "none"
}
variable "tags" {
  type    = map(string)
  default = {}
}
variable "settings" { default = {} }
resource "aws_lambda_function" "notes" {
  function_name = "notes"
  role          = "arn:aws:iam::111122223333:role/notes"
  tags          = merge({ DataClassification = var.class }, var.tags)
  environment {
    variables = merge(var.settings, { OPENAI_API_KEY = "reference" })
  }
}
"""


def status(folder: Path) -> set[str]:
    """The PHI status of the one function in each of its variants."""
    return {w.phi.value for w in analysis(folder, "terraform").estate.workloads}


def lay(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


WAYS = {
    "a recipe": {"Makefile": "apply:\n\tterraform apply -var class=VALUE\n"},
    "tofu": {"Makefile": "apply:\n\ttofu apply -var='class=VALUE'\n"},
    "two dashes": {"deploy.sh": "terraform plan --var class=VALUE -out p\n"},
    "a command over lines": {
        "deploy.sh": 'terraform apply \\\n  -input=false \\\n  -var "class=VALUE"\n'
    },
    "the program in a variable": {
        "Makefile": "TF ?= terraform\nup:\n\t$(TF) apply -var class=VALUE\n"
    },
    "arguments in a variable": {
        "Makefile": "ARGS = -input=false \\\n  -var class=VALUE\nup:\n\tterraform apply $(ARGS)\n"
    },
    "the value in a variable": {
        "Makefile": "CLASS ?= VALUE\nup:\n\tterraform apply -var class=$(CLASS)\n"
    },
    "a default in the shell": {"up.sh": 'terraform apply -var "class=${CLASS:-VALUE}"\n'},
    "a target's own variable": {
        "Makefile": "up: export TF_VAR_class = VALUE\nup:\n\tterraform apply\n"
    },
    "export": {"up.sh": "export TF_VAR_class=VALUE\ncd infra\nterraform apply\n"},
    "before the command": {"up.sh": "TF_VAR_class='VALUE' terraform apply -auto-approve\n"},
    "a workflow's step": {
        ".github/workflows/x.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: terraform apply\n"
        "        env:\n          TF_VAR_class: VALUE\n"
    },
    "a workflow": {
        ".github/workflows/x.yml": "on: push\nenv: {TF_VAR_class: VALUE}\njobs:\n  a:\n    steps:\n"
        "      - run: |\n          terraform init\n          terraform apply\n"
    },
    "a step before": {
        ".github/workflows/x.yml": "on: push\njobs:\n  a:\n    steps:\n"
        '      - run: echo "TF_VAR_class=VALUE" >> $GITHUB_ENV\n      - run: terraform apply\n'
    },
    "a workflow that calls make": {
        ".github/workflows/x.yml": "on: push\njobs:\n  a:\n    env: {TF_VAR_class: VALUE}\n    steps:\n"
        "      - run: make apply\n",
        "Makefile": "apply:\n\tterraform apply\n",
    },
    "GitLab's variables": {
        ".gitlab-ci.yml": "variables:\n  TF_VAR_class: VALUE\napply:\n  script:\n    - terraform apply\n"
    },
    "direnv": {".envrc": "export TF_VAR_class=VALUE\n"},
    "the command line's own variable": {
        "up.sh": 'export TF_CLI_ARGS_plan="-var class=VALUE"\nterraform plan\n'
    },
    "a map": {"up.sh": "terraform apply -var 'tags={DataClassification=\"VALUE\"}'\n"},
    "a map in JSON": {
        ".github/workflows/x.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: terraform apply\n"
        '        env:\n          TF_VAR_tags: \'{"DataClassification": "VALUE"}\'\n'
    },
    "a file of any name": {
        "up.sh": "terraform apply -var-file=env/prod.vars\n",
        "env/prod.vars": 'class = "VALUE"\n',
    },
    "a file that is chosen": {
        "up.sh": 'terraform apply -var-file "env/$1.vars"\n',
        "env/dev.vars": 'class = "none"\n',
        "env/prod.vars": 'class = "VALUE"\n',
    },
    "arguments in a list": {
        "cloudbuild.yaml": "steps:\n- name: hashicorp/terraform:1.9\n"
        "  args: ['apply', '-auto-approve', '-var', 'class=VALUE']\n"
    },
    "a step's environment beside a list": {
        "cloudbuild.yaml": "steps:\n- name: hashicorp/terraform:1.9\n  args: [apply]\n"
        "  env: ['TF_VAR_class=VALUE']\n"
    },
    "a task of Azure Pipelines": {
        "azure-pipelines.yml": "steps:\n- task: TerraformTaskV4@4\n  inputs:\n    command: apply\n"
        "    commandOptions: '-var class=VALUE'\n"
    },
    "an action's input": {
        ".github/workflows/x.yml": "on: push\njobs:\n  a:\n    steps:\n      - uses: dflook/terraform-apply@v1\n"
        '        with:\n          path: .\n          variables: |\n            class = "VALUE"\n'
    },
    "Atlantis' arguments": {
        "atlantis.yaml": "version: 3\nprojects: [{dir: ., workflow: w}]\nworkflows:\n  w:\n    plan:\n"
        "      steps:\n        - init\n        - plan: {extra_args: ['-var', 'class=VALUE']}\n"
    },
    "Atlantis' environment": {
        "atlantis.yaml": "projects: [{dir: ., workflow: w}]\nworkflows:\n  w:\n    plan:\n      steps:\n"
        "        - env: {name: TF_VAR_class, value: VALUE}\n        - plan\n"
    },
    "a list in the shell": {
        "up.sh": 'args=(\n  -input=false\n  -var class=VALUE\n)\nterraform apply "${args[@]}"\n'
    },
    "a file in JSON": {
        "up.sh": "terraform apply -var-file env/prod.json\n",
        "env/prod.json": '{"class": "VALUE"}\n',
    },
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("value", ["PHI", "public"])
def test_a_value_that_a_command_gives(tmp_path: Path, way: str, value: str) -> None:
    lay(tmp_path, {"main.tf": MAIN, **{n: t.replace("VALUE", value) for n, t in WAYS[way].items()}})
    assert ("phi" in status(tmp_path)) is (value == "PHI")


PLACES = {
    "cd": {"Makefile": "up:\n\tcd infra/a && terraform apply -var class=PHI\n"},
    "a line before": {"up.sh": "set -e\ncd infra/a\nterraform apply -var class=PHI\n"},
    "chdir": {"up.sh": "terraform -chdir=infra/a apply -var class=PHI\n"},
    "a variable": {
        "Makefile": "DIR := infra/a\nup:\n\tterraform -chdir=$(DIR) apply -var class=PHI\n"
    },
    "a step's folder": {
        ".github/workflows/x.yml": "on: push\njobs:\n  a:\n    steps:\n"
        "      - run: terraform apply -var class=PHI\n        working-directory: infra/a\n"
    },
    "a job's folder": {
        ".github/workflows/x.yml": "on: push\njobs:\n  a:\n    defaults: {run: {working-directory: ./infra/a}}\n"
        "    steps:\n      - run: terraform apply -var class=PHI\n"
    },
    "an item before": {
        ".gitlab-ci.yml": "a:\n  script:\n    - cd infra/a\n    - terraform apply -var class=PHI\n"
    },
    "a list before": {
        ".gitlab-ci.yml": "a:\n  before_script:\n    - cd infra/a\n  script:\n    - terraform apply -var class=PHI\n"
    },
    "a task's folder": {
        "Taskfile.yml": "version: '3'\ntasks:\n  a:\n    dir: infra/a\n    cmds: [terraform apply -var class=PHI]\n"
    },
    "an input": {
        "azure-pipelines.yml": "steps:\n- task: TerraformCLI@0\n  inputs:\n    command: apply\n"
        "    workingDirectory: $(System.DefaultWorkingDirectory)/infra/a\n    commandOptions: -var class=PHI\n"
    },
    "a variable of the job": {
        ".gitlab-ci.yml": "variables: {ROOT: infra/a}\na: {script: [cd $ROOT, terraform apply -var class=PHI]}\n"
    },
    "a project of Atlantis": {
        "atlantis.yaml": "projects: [{dir: infra/a, workflow: w}]\nworkflows:\n  w:\n    plan:\n"
        "      steps: [{plan: {extra_args: ['-var', 'class=PHI']}}]\n"
    },
    "beside it": {"infra/a/Makefile": "up:\n\tterraform apply -var class=PHI\n"},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_command_is_about_the_root_that_it_is_run_in_and_no_other(
    tmp_path: Path, place: str
) -> None:
    lay(tmp_path, {"infra/a/main.tf": MAIN, "infra/b/main.tf": MAIN, **PLACES[place]})
    told = {
        (w.resource.scope, w.phi.value) for w in analysis(tmp_path, "terraform").estate.workloads
    }
    assert told == {("infra/a", "phi"), ("infra/b", "unclassified")}


def test_each_target_has_its_own_values(tmp_path: Path) -> None:
    make = (
        "dev:\n\tterraform apply -var class=none\n\n"
        'prod: export TF_VAR_settings = {MODE="x"}\n'
        "prod:\n\tterraform apply -var class=PHI\n"
    )
    lay(tmp_path, {"main.tf": MAIN, "Makefile": make})
    told = {w.resource.variant: w for w in analysis(tmp_path, "terraform").estate.workloads}
    assert set(told) == {"Makefile:2", "Makefile:6"}
    assert [told[v].phi.value for v in sorted(told)] == ["unclassified", "phi"]
    assert [{s.name for s in told[v].resource.settings} & {"MODE"} for v in sorted(told)] == [
        set(),
        {"MODE"},
    ]


def test_a_finding_names_the_line_of_the_command(tmp_path: Path) -> None:
    script = "set -e\nterraform init\nterraform apply -var 'tags={DataClassification=\"PHI\"}'\n"
    lay(tmp_path, {"main.tf": MAIN, "deploy.sh": script})
    work = next(iter(analysis(tmp_path, "terraform").estate.workloads))
    marks = [(s.file, s.line) for s in work.resource.settings if s.value == "PHI"]
    assert marks == [("deploy.sh", 3)]


def test_what_only_a_run_fills_in_is_unknown_and_the_default_stays_possible(tmp_path: Path) -> None:
    text = MAIN.replace('"none"', '"PHI"')
    lay(tmp_path, {"main.tf": text, "up.sh": "terraform apply -var class=$1\n"})
    assert status(tmp_path) == {"phi"}
    values = [
        s.value
        for w in analysis(tmp_path, "terraform").estate.workloads
        for s in w.resource.settings
        if s.name == "DataClassification"
    ]
    assert "PHI" in values
    assert len(values) == 2


def test_an_address_that_only_a_run_fills_in_is_not_the_default(tmp_path: Path) -> None:
    text = MAIN.replace('default = "none"', 'default = "PHI"') + (
        'variable "base" { default = "http://llm.internal:8000/v1" }\n'
    )
    text = text.replace('"reference" }', '"reference", OPENAI_BASE_URL = var.base }')
    lay(tmp_path, {"main.tf": text})
    assert not [r for r in found(tmp_path, "terraform") if r.check_id.startswith("OAI_COVERAGE")]
    lay(tmp_path, {"up.sh": "terraform apply -var base=$BASE\n"})
    assert [r for r in found(tmp_path, "terraform") if r.check_id.startswith("OAI_COVERAGE")]


def test_what_is_given_counts_more_than_files_and_these_more_than_the_environment(
    tmp_path: Path,
) -> None:
    lay(
        tmp_path,
        {
            "main.tf": MAIN,
            "terraform.tfvars": 'class = "public"\n',
            "up.sh": "export TF_VAR_class=PHI\nterraform apply\n",
        },
    )
    assert status(tmp_path) == {"unclassified"}
    lay(
        tmp_path,
        {"up.sh": "terraform apply -var-file=a.vars -var class=PHI\n", "a.vars": 'class = "x"\n'},
    )
    assert status(tmp_path) == {"unclassified", "phi"}
    lay(tmp_path, {"up.sh": "terraform apply -var class=PHI -var-file=a.vars\n"})
    assert status(tmp_path) == {"unclassified"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("README.md", "terraform apply -var class=PHI\n"),
        ("up.sh", "# terraform apply -var class=PHI\nterraform apply\n"),
        ("up.sh", "terraform fmt -var class=PHI\n"),
        ("up.sh", "my-terraform apply -var class=PHI\n"),
        ("up.sh", "terraform apply -var klass=PHI\n"),
        ("up.sh", "export TF_VARS_class=PHI\nterraform apply\n"),
        ("up.sh", "terraform apply\nexport TF_VAR_class=PHI\n"),
        ("up.sh", "terraform apply -var-file=gone.vars\n"),
        ("prod.vars", 'class = "PHI"\n'),
    ],
)
def test_what_is_no_value_of_a_plan(tmp_path: Path, file: str, text: str) -> None:
    lay(tmp_path, {"main.tf": MAIN, file: text})
    assert status(tmp_path) == {"unclassified"}

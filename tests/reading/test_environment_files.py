"""Variables that a task takes from an object whose content is a text or a file of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import told, write

TASK = """resource "aws_ecs_task_definition" "notes" {
  family = "notes"
  container_definitions = jsonencode([{
    name = "a", image = "r/a:1", environmentFiles = [{ type = "s3", value = VALUE }]
  }])
}
"""
OBJECT = 'resource "aws_s3_object" "e" {\n  bucket = "b"\n  key = "conf/e.env"\n  HELD\n}\n'
ENV = "MODE=a\\nOPENAI_BASE_URL=https://eu.api.openai.com/v1\\nOPENAI_API_KEY=$(cat /k)\\n"
FILE = ENV.replace("\\n", "\n")


def hosts(folder: Path, value: str, held: str) -> list[str]:
    text = TASK.replace("VALUE", value) + OBJECT.replace("HELD", held)
    write(folder, main_tf=text, conf__prod_env=FILE, conf__other_env="MODE=b\n")
    return told(folder, "terraform").get("aws_ecs_task_definition.notes", ("", []))[1]


HELD = {
    "a text": f'content = "{ENV}"',
    "a heredoc": f"content = <<EOT\n{FILE}EOT",
    "a file": 'content = file("conf/prod.env")',
    "a file beside it": 'source = "conf/prod.env"',
    "a file of the module": 'source = "${path.module}/conf/prod.env"',
}


@pytest.mark.parametrize("held", HELD)
def test_the_variables_of_an_environment_file(tmp_path: Path, held: str) -> None:
    found = hosts(tmp_path, "aws_s3_object.e.arn", HELD[held])
    assert [f.split()[:2] for f in found] == [["openai", "eu.api.openai.com"]]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('"arn:aws:s3:::b/conf/e.env"', True),
        ('"${aws_s3_bucket.b.arn}/conf/e.env"', True),
        ('"arn:aws:s3:::${aws_s3_object.e.bucket}/${aws_s3_object.e.key}"', True),
        ('"arn:aws:s3:::other/conf/e.env"', False),
        ('"arn:aws:s3:::b/conf/f.env"', False),
        ("aws_s3_object.f.arn", False),
    ],
)
def test_it_is_found_by_its_address(tmp_path: Path, value: str, found: bool) -> None:
    assert bool(hosts(tmp_path, value, HELD["a text"])) is found


def test_one_that_speaks_of_nothing_gives_nothing(tmp_path: Path) -> None:
    assert hosts(tmp_path, "aws_s3_object.e.arn", 'source = "conf/other.env"') == []

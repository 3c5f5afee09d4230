"""Templates of machines: the class of the group that makes machines of one is that of its program."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import told, write

TEMPLATE = """resource "TYPE" "t" {
  image_id  = "ami"
  user_data = base64encode("export OPENAI_API_KEY=$(cat /k)\\nrun\\n")
}
"""
GROUP = """resource "aws_autoscaling_group" "g" {
  launch_template { id = REFERS }
  tag {
    key = "DataClassification"
    value = "CLASS"
    propagate_at_launch = true
  }
}
"""


@pytest.mark.parametrize(
    ("type_", "refers", "class_", "expected"),
    [
        ("aws_launch_template", "aws_launch_template.t.id", "PHI", "phi"),
        ("aws_launch_configuration", "aws_launch_configuration.t.name", "PHI", "phi"),
        ("aws_launch_template", "aws_launch_template.t.id", "public", "unclassified"),
        ("aws_launch_template", "aws_launch_template.other.id", "PHI", "unclassified"),
        ("aws_launch_template", '"lt-1"', "PHI", "unclassified"),
    ],
)
def test_tags_of_a_group_are_those_of_its_machines(
    tmp_path: Path, type_: str, refers: str, class_: str, expected: str
) -> None:
    group = GROUP.replace("REFERS", refers).replace("CLASS", class_)
    write(tmp_path, main_tf=TEMPLATE.replace("TYPE", type_) + group)
    assert told(tmp_path, "terraform")[f"{type_}.t"][0] == expected


def test_labels_of_a_manager_of_google(tmp_path: Path) -> None:
    template = (
        'resource "google_compute_instance_template" "t" {\n'
        '  metadata_startup_script = "export OPENAI_API_KEY=$(cat /k)\\nrun\\n"\n}\n'
    )
    manager = (
        'resource "google_compute_instance_group_manager" "m" {\n'
        "  version { instance_template = google_compute_instance_template.t.id }\n"
        '  all_instances_config { labels = { data-classification = "phi" } }\n}\n'
    )
    write(tmp_path, main_tf=template + manager)
    assert told(tmp_path, "terraform")["google_compute_instance_template.t"][0] == "phi"

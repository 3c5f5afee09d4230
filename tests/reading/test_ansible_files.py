"""Ansible: tasks with the variables of their play, role and group; vaults; variable files by themselves."""

from __future__ import annotations

from pathlib import Path

from handmade import around
from inprocess import write
from openai_phi.gathering.graph_scan import read_files
from openai_phi.verdicts.analysis import Analysis, analyse
from openai_phi.words.scan_input import FilesInput

PLAY = """- name: summaries
  hosts: clinic
  vars:
    model: gpt-4o
  tasks:
    - name: run the summarizer
      community.docker.docker_container:
        name: summarizer
        image: registry.example.org/summarizer:1
        labels: {data-classification: phi}
        env:
          OPENAI_API_KEY: "{{ openai_key }}"
          OPENAI_BASE_URL: "{{ base | default('https://eu.api.openai.com/v1') }}"
          OPENAI_MODEL: "{{ model }}"
    - name: unrelated
      ansible.builtin.package: {name: curl}
"""
VAULTED = """openai_key: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  6162636465666768
"""


def _analysis(folder: Path) -> Analysis:
    files = tuple(sorted(str(f) for f in folder.rglob("*") if f.is_file()))
    return analyse(read_files(FilesInput("ansible", str(folder), files), around()))


def test_a_task_is_a_workload_with_the_values_of_its_variables(tmp_path: Path) -> None:
    found = _analysis(write(tmp_path, site_yml=PLAY, group_vars__all_yml=VAULTED))
    (workload,) = found.estate.workloads
    assert (workload.id, workload.resource.file, workload.resource.line) == (
        "tasks.run the summarizer",
        "site.yml",
        6,
    )
    (use,) = workload.uses
    assert (workload.phi.value, use.provider, use.host) == ("phi", "openai", "eu.api.openai.com")
    assert use.models == ("gpt-4o",)
    assert {(e.kind.value, e.value, e.place.line) for e in use.evidence} >= {
        ("key", "reference", 12),
        ("host", "eu.api.openai.com", 13),
    }
    assert found.estate.orphans == ()


def test_variables_that_no_task_takes_are_a_use_that_is_asked_about(tmp_path: Path) -> None:
    (orphan,) = _analysis(write(tmp_path, group_vars__all_yml=VAULTED)).estate.orphans
    assert (orphan.resource.id, orphan.evidence[0].place.line) == ("group_vars/all.yml", 2)


def test_a_role_takes_its_defaults(tmp_path: Path) -> None:
    task = """- name: deploy
  ansible.builtin.template: {src: app.env, dest: /etc/app.env}
  environment:
    OPENAI_BASE_URL: "{{ url }}"
    OPENAI_API_KEY: "{{ key }}"
"""
    write(
        tmp_path,
        roles__app__tasks__main_yml=task,
        roles__app__defaults__main_yml="url: http://vllm.ai:8000/v1\nkey: none\n",
    )
    assert _analysis(tmp_path).estate.workloads == ()


def test_a_play_takes_its_variable_files_and_its_roles_defaults(tmp_path: Path) -> None:
    play = """- hosts: all
  vars_files: [secrets/base.yml]
  roles: [app]
  tasks:
    - name: deploy
      ansible.builtin.command: /opt/notes
      environment: {OPENAI_BASE_URL: "{{ base }}", OPENAI_MODEL: "{{ model }}", OPENAI_API_KEY: "{{ key }}"}
"""
    write(
        tmp_path,
        site_yml=play,
        secrets__base_yml="base: https://us.api.openai.com/v1\n",
        roles__app__defaults__main_yml="model: gpt-4o\n",
    )
    (workload,) = _analysis(tmp_path).estate.workloads
    assert [(u.host, u.models) for u in workload.uses] == [("us.api.openai.com", ("gpt-4o",))]


def test_blocks_keep_the_environment_around_them(tmp_path: Path) -> None:
    play = """- hosts: all
  tasks:
    - environment: {OPENAI_API_KEY: "{{ lookup('env', 'KEY') }}"}
      block:
        - name: first
          ansible.builtin.command: /opt/notes
        - name: first
          ansible.builtin.command: /opt/notes --again
"""
    found = _analysis(write(tmp_path, site_yml=play))
    assert [w.id for w in found.estate.workloads] == ["tasks.first", "tasks.first#2"]
    assert {e.place.line for w in found.estate.workloads for u in w.uses for e in u.evidence} == {3}


def test_a_playbook_that_is_no_yaml_is_unread(tmp_path: Path) -> None:
    broken = "- hosts: all\n  vars: {openai_api_key: [}\n"
    (item,) = _analysis(write(tmp_path, site_yml=broken)).unread
    assert (item.file, item.line, item.matters) == ("site.yml", 2, True)

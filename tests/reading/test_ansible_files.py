"""Ansible: tasks with the variables of their play, role and group; vaults; variable files by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

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


CONTAINER = """- hosts: all
%s
  tasks:
    - name: notes
      community.docker.docker_container:
        name: notes
        labels: {data-classification: phi}
        env: "%s"
"""
WAYS = {
    "a variable of the group": ("", "{{ e }}"),
    "a variable of the play": ("  vars: {e: {OPENAI_API_KEY: '{{ vault_k }}'}}", "{{ e }}"),
    "maps joined": ("", "{{ base | combine(e) }}"),
    "a literal joined": ("", "{{ base | combine({'OPENAI_API_KEY': vault_k}, recursive=True) }}"),
    "a part of a map": ("", "{{ apps.notes.env }}"),
    "a part by key": ("", "{{ apps['notes']['env'] | default({}) }}"),
    "a default": ("", "{{ missing | default(e) }}"),
    "through another": ("  vars: {mine: '{{ e }}'}", "{{ mine }}"),
}


@pytest.mark.parametrize("how", WAYS)
def test_an_environment_that_a_variable_gives_counts(tmp_path: Path, how: str) -> None:
    play = CONTAINER % WAYS[how]
    group = (
        "base: {LOG: info}\ne: {OPENAI_API_KEY: '{{ vault_k }}'}\n"
        "apps: {notes: {env: {OPENAI_API_KEY: '{{ vault_k }}'}}}\n"
    )
    found = _analysis(write(tmp_path, site_yml=play, group_vars__all_yml=group))
    assert [(w.id, w.phi.value, len(w.uses)) for w in found.estate.workloads] == [
        ("tasks.notes", "phi", 1)
    ]


def test_an_environment_of_another_variable_is_none_of_it(tmp_path: Path) -> None:
    play = CONTAINER % ("", "{{ base }}")
    group = "base: {LOG: info}\ne: {OPENAI_API_KEY: '{{ vault_k }}'}\n"
    found = _analysis(write(tmp_path, site_yml=play, group_vars__all_yml=group))
    assert [w for w in found.estate.workloads if w.uses] == []


WRITTEN = {
    "template": "ansible.builtin.template: {src: app.env.j2, dest: /etc/app.env}",
    "copy of a file": "ansible.builtin.copy: {src: app.env, dest: /etc/app.env}",
    "copy of a text": "ansible.builtin.copy: {content: 'OPENAI_API_KEY={{ k }}', dest: /etc/app.env}",
    "a line": "ansible.builtin.lineinfile: {path: /etc/app.env, line: 'OPENAI_API_KEY={{ k }}'}",
}


@pytest.mark.parametrize("how", WRITTEN)
def test_an_environment_file_that_a_task_writes_is_of_the_program_that_takes_it(
    tmp_path: Path, how: str
) -> None:
    tasks = f"""- name: write
  {WRITTEN[how]}
- name: notes
  community.docker.docker_container:
    name: notes
    labels: {{data-classification: phi}}
    env_file: /etc/app.env
"""
    write(
        tmp_path,
        roles__app__tasks__main_yml=tasks,
        roles__app__templates__app_env_j2="OPENAI_API_KEY={{ k }}\n",
        roles__app__files__app_env="OPENAI_API_KEY=real-1\n",
    )
    (tmp_path / "roles/app/templates/app.env.j2").write_text("OPENAI_API_KEY={{ k }}\n")
    found = {w.id: w.phi.value for w in _analysis(tmp_path).estate.workloads if w.uses}
    assert found["tasks.notes"] == "phi"


def test_an_environment_file_of_another_name_is_not(tmp_path: Path) -> None:
    tasks = f"""- name: write
  {WRITTEN["template"]}
- name: notes
  community.docker.docker_container:
    name: notes
    labels: {{data-classification: phi}}
    env_file: /etc/other.env
"""
    (write(tmp_path, roles__app__tasks__main_yml=tasks) / "roles/app/templates").mkdir()
    (tmp_path / "roles/app/templates/app.env.j2").write_text("OPENAI_API_KEY={{ k }}\n")
    found = {w.id: w.phi.value for w in _analysis(tmp_path).estate.workloads if w.uses}
    assert "tasks.notes" not in found

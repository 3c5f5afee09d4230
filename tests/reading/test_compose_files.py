"""Compose: what a service is put together from: what it extends, what is laid over it, what it mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from handmade import around
from inprocess import write
from openai_phi.gathering.graph_scan import read_files
from openai_phi.verdicts.analysis import Analysis, analyse
from openai_phi.words.observed import Workload
from openai_phi.words.scan_input import FilesInput

KEY = "OPENAI_API_KEY: ${OPENAI_API_KEY}"
PHI = "labels: {data-classification: phi}"


def _analysis(folder: Path) -> Analysis:
    files = tuple(sorted(str(f) for f in folder.rglob("*") if f.is_file()))
    return analyse(read_files(FilesInput("yaml", str(folder), files), around()))


def _services(folder: Path) -> dict[str, Workload]:
    """The services with PHI that use a provider, by their ids."""
    found = _analysis(folder).estate.workloads
    return {w.id: w for w in found if w.uses and w.phi.value == "phi"}


def _shown(workload: Workload, folder: Path) -> set[tuple[str, str]]:
    """What shows the uses of a workload, each with the text of its line."""
    out = set()
    for use in workload.uses:
        for item in use.evidence:
            lines = (folder / item.place.file).read_text().splitlines()
            out.add((item.kind.value, lines[item.place.line - 1].strip()))
    return out


def test_a_service_extends_one_of_another_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n"
        "    extends: {file: common/base.yml, service: model}\n",
        common__base_yml=f"services:\n  model:\n    environment:\n      {KEY}\n",
    )
    found = _services(tmp_path)
    assert ("key", KEY) in _shown(found["services.notes"], tmp_path)


def test_a_service_extends_one_of_its_file_and_that_one_another(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yml=f"services:\n  notes:\n    image: x\n    {PHI}\n"
        "    extends: middle\n  middle:\n    extends: {service: base}\n"
        f"  base:\n    environment:\n      - {KEY.replace(': ', '=')}\n",
    )
    assert _services(tmp_path)["services.notes"].uses[0].provider == "openai"


def test_what_a_service_says_itself_counts_over_what_it_extends(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n    extends: {{service: base}}\n"
        "    environment: {OPENAI_BASE_URL: 'http://vllm:8000/v1', OPENAI_API_KEY: none}\n"
        "  base:\n    environment: [OPENAI_API_KEY=none, OPENAI_BASE_URL=https://api.openai.com/v1]\n"
        "  vllm: {image: 'vllm/vllm-openai:latest'}\n",
    )
    assert "services.notes" not in _services(tmp_path)


def test_services_that_extend_each_other_end(tmp_path: Path) -> None:
    text = "services:\n  a: {image: x, extends: {service: b}}\n  b: {image: x, extends: {service: a}}\n"
    write(tmp_path, compose_yaml=text)
    assert _analysis(tmp_path).estate.workloads == ()


@pytest.mark.parametrize("other", ["compose.prod.yaml", "compose.override.yml"])
def test_a_file_is_laid_over_the_one_it_overrides(tmp_path: Path, other: str) -> None:
    write(tmp_path, compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n")
    (tmp_path / other).write_text(f"services:\n  notes:\n    environment:\n      {KEY}\n")
    found = _services(tmp_path)["services.notes"]
    assert found.resource.file == other
    assert ("key", KEY) in _shown(found, tmp_path)


def test_the_class_may_stand_in_the_file_that_is_laid_over(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(
        f"services:\n  notes:\n    image: x\n    environment:\n      {KEY}\n"
    )
    (tmp_path / "docker-compose.prod.yml").write_text(f"services:\n  notes:\n    {PHI}\n")
    assert _services(tmp_path)["services.notes"].uses[0].provider == "openai"


def test_a_file_that_says_nothing_of_it_is_not_laid_over(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n    environment:\n      {KEY}\n",
    )
    (tmp_path / "compose.dev.yaml").write_text("services:\n  notes:\n    ports: ['80:80']\n")
    (found,) = (w for w in _analysis(tmp_path).estate.workloads if w.uses)
    assert found.resource.file == "compose.yaml"


MOUNTS = {
    "short": '["./app.ini:/etc/app.ini:ro"]',
    "long": "[{type: bind, source: ./app.ini, target: /etc/app.ini}]",
    "of the folder": '["${PWD}/app.ini:/etc/app.ini"]',
}


@pytest.mark.parametrize("how", MOUNTS)
def test_configuration_that_is_mounted_belongs_to_the_service(tmp_path: Path, how: str) -> None:
    write(
        tmp_path,
        compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n    volumes: {MOUNTS[how]}\n",
        app_ini="[llm]\nurl=https://api.openai.com/v1\n",
    )
    found = _services(tmp_path)["services.notes"]
    assert ("host", "url=https://api.openai.com/v1") in _shown(found, tmp_path)


def test_a_folder_that_is_mounted_gives_its_configuration_and_no_code(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n    volumes: ['./app:/app']\n",
        app__main_py="URL = 'https://api.openai.com/v1'\n",
    )
    assert "services.notes" not in _services(tmp_path)
    write(tmp_path, app__llm_toml='[llm]\nbase_url = "https://api.openai.com/v1"\n')
    assert _services(tmp_path)["services.notes"].uses[0].host == "api.openai.com"


@pytest.mark.parametrize("given", ["file: ./llm.yaml", 'content: "BASE=https://api.openai.com/v1"'])
def test_a_config_of_the_file_belongs_to_the_services_that_take_it(
    tmp_path: Path, given: str
) -> None:
    write(
        tmp_path,
        compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n    configs: [llm]\n"
        f"  web:\n    image: y\n    {PHI}\nconfigs:\n  llm: {{{given}}}\n",
        llm_yaml="url: https://api.openai.com/v1\n",
    )
    found = _services(tmp_path)
    assert found["services.notes"].uses[0].host == "api.openai.com"
    assert "services.web" not in found


def test_a_gateway_that_is_mounted_is_no_second_use_by_itself(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml="services:\n  proxy:\n    image: ghcr.io/berriai/litellm:main\n"
        f"    {PHI}\n    environment: {{LLM_KEY: '${{LLM_KEY}}'}}\n"
        "    volumes: ['./config.yaml:/app/config.yaml']\n",
        config_yaml="model_list:\n- model_name: a\n"
        "  litellm_params: {model: openai/gpt-5.4, api_key: os.environ/LLM_KEY}\n",
    )
    found = _analysis(tmp_path).estate
    assert [w.id for w in found.workloads if w.uses] == ["services.proxy"]
    assert found.orphans == ()


def test_a_secret_that_a_service_is_given_is_a_key_by_its_name(tmp_path: Path) -> None:
    text = (
        f"services:\n  notes:\n    image: x\n    {PHI}\n    secrets: [%s]\n"
        "secrets: {%s: {file: ./k}}\n"
    )
    write(tmp_path, compose_yaml=text % ("openai_api_key", "openai_api_key"))
    assert _services(tmp_path)["services.notes"].uses[0].provider == "openai"
    write(tmp_path, compose_yaml=text % ("db_password", "db_password"))
    assert "services.notes" not in _services(tmp_path)


def test_nothing_above_the_scanned_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "above.env").write_text("OPENAI_API_KEY=real-1\n")
    inside = tmp_path / "scanned"
    inside.mkdir()
    write(
        inside,
        compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n    env_file: ../above.env\n",
    )
    assert "services.notes" not in _services(inside)


def test_lists_of_maps_hold_what_is_no_text(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n"
        "    ports: [{target: 80, published: 8080}]\n"
        "    volumes: [{type: bind, source: ./data, target: /d, read_only: true}]\n"
        "    env_file:\n      - {path: a.env, required: false}\n      - {path: b.env, format: raw}\n",
        a_env="A=b\n",
        b_env="OPENAI_API_KEY=reference\n",
    )
    assert ("key", "OPENAI_API_KEY=reference") in _shown(
        _services(tmp_path)["services.notes"], tmp_path
    )


def test_a_secret_of_a_file_that_is_configuration_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml=f"services:\n  notes:\n    image: x\n    {PHI}\n    secrets: [llm]\n"
        "secrets: {llm: {file: ./conf.json}}\n",
        conf_json='{"llm": {"base_url": "https://api.openai.com/v1"}}\n',
    )
    assert _services(tmp_path)["services.notes"].uses[0].host == "api.openai.com"


@pytest.mark.parametrize(
    ("url", "phi"),
    [
        ("postgres://app:${PASSWORD}@records/notes", True),
        ("postgres://app:${PASSWORD}@archive:5432/notes", True),
        ("postgres://app:${PASSWORD}@other.example.org/notes", False),
        ("postgres://app:${PASSWORD}@${HOST}/notes", False),
    ],
)
def test_a_store_is_found_by_each_of_its_names_whatever_the_login(
    tmp_path: Path, url: str, phi: bool
) -> None:
    write(
        tmp_path,
        compose_yaml=f"services:\n  db:\n    image: postgres\n    {PHI}\n    container_name: records\n"
        "    networks: {back: {aliases: [archive]}}\n"
        f"  notes:\n    image: x\n    environment: {{OPENAI_API_KEY: reference, DATABASE_URL: '{url}'}}\n",
    )
    assert ("services.notes" in _services(tmp_path)) is phi

"""Azure templates as they are deployed: parameter files, contents of files, loops over what is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from handmade import around
from inprocess import write
from openai_phi.gathering.graph_scan import read_files
from openai_phi.verdicts.analysis import analyse
from openai_phi.words.observed import Workload
from openai_phi.words.scan_input import FilesInput

SITE = """resource site 'Microsoft.Web/sites@2023-01-01' = {
  name: 'notes'
  tags: { DataClassification: %s }
  properties: { siteConfig: { appSettings: %s } }
}
"""
REFERENCE = "@Microsoft.KeyVault(VaultName=kv;SecretName=llm)"
SETTINGS = f"[ {{ name: 'OPENAI_API_KEY', value: '{REFERENCE}' }} ]"


def _phi(folder: Path, framework: str = "bicep") -> dict[str, Workload]:
    files = tuple(sorted(str(f) for f in folder.rglob("*") if f.is_file()))
    found = analyse(
        read_files(FilesInput(framework, str(folder), files), around())
    ).estate.workloads
    return {w.id: w for w in found if w.uses and w.phi.value == "phi"}


def _said(folder: Path, workload: Workload) -> set[str]:
    """The lines that show its uses."""
    places = {(e.place.file, e.place.line) for u in workload.uses for e in u.evidence}
    return {(folder / f).read_text().splitlines()[n - 1].strip() for f, n in places}


LOADED = {
    "json": (
        "loadJsonContent('s.json')",
        f'[\n{{"name": "OPENAI_API_KEY", "value": "{REFERENCE}"}}]',
    ),
    "a part of json": (
        "loadJsonContent('s.json').app.settings",
        f'{{"app": {{"settings": [\n{{"name": "OPENAI_API_KEY", "value": "{REFERENCE}"}}]}}}}',
    ),
    "json by a path": (
        "loadJsonContent('s.json', 'app.settings')",
        f'{{"app": {{"settings": [\n{{"name": "OPENAI_API_KEY", "value": "{REFERENCE}"}}]}}}}',
    ),
    "yaml": ("loadYamlContent('s.json')", f"- {{name: OPENAI_API_KEY, value: '{REFERENCE}'}}\n"),
    "a variable": (
        "cfg.settings",
        f'{{"settings": [\n{{"name": "OPENAI_API_KEY", "value": "{REFERENCE}"}}]}}',
    ),
    "joined": (
        "concat([ { name: 'A', value: 'b' } ], loadJsonContent('s.json'))",
        f'[\n{{"name": "OPENAI_API_KEY", "value": "{REFERENCE}"}}]',
    ),
}


@pytest.mark.parametrize("how", LOADED)
def test_the_content_of_a_file_counts_and_stands_there(tmp_path: Path, how: str) -> None:
    expression, content = LOADED[how]
    text = "var cfg = loadJsonContent('s.json')\n" + SITE % ("'PHI'", expression)
    write(tmp_path, main_bicep=text, s_json=content)
    (found,) = _phi(tmp_path).values()
    assert {e.place.file for u in found.uses for e in u.evidence} == {"s.json"}
    assert all("OPENAI_API_KEY" in line for line in _said(tmp_path, found))


OPEN = "param class string\nparam settings array\n" + SITE % ("class", "settings")
PARAMETERS = {
    "main.bicepparam": f"using 'main.bicep'\nparam class = 'PHI'\nparam settings = {SETTINGS}\n",
    "params/prod.bicepparam": f"using '../main.bicep'\nvar c = 'PHI'\nparam class = c\nparam settings = {SETTINGS}\n",
    "main.parameters.json": '{"$schema": "https://x/2019-04-01/deploymentParameters.json#", "parameters": '
    '{"class": {"value": "PHI"}, "settings": {"value": [{"name": "OPENAI_API_KEY", "value": '
    f'"{REFERENCE}"}}]}}}}}}',
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_bicep_is_read_with_its_parameter_files(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, main_bicep=OPEN) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(PARAMETERS[name])
    (found,) = _phi(tmp_path).values()
    assert found.resource.variant == name


def test_parameters_of_another_file_are_none_of_this(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_bicep=OPEN,
        other_bicep="param class string\nparam settings array\n",
        x_bicepparam=f"using 'other.bicep'\nparam class = 'PHI'\nparam settings = {SETTINGS}\n",
    )
    assert _phi(tmp_path) == {}


def test_parameter_files_are_not_mixed(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_bicep=OPEN,
        dev_bicepparam=f"using 'main.bicep'\nparam class = 'synthetic'\nparam settings = {SETTINGS}\n",
        prod_bicepparam="using 'main.bicep'\nparam class = 'PHI'\nparam settings = []\n",
    )
    assert _phi(tmp_path) == {}


def test_parameters_reach_modules(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_bicep="param class string\nmodule web 'web.bicep' = {\n  params: { class: class }\n}\n",
        web_bicep="param class string\n" + SITE % ("class", SETTINGS),
        main_bicepparam="using 'main.bicep'\nparam class = 'PHI'\n",
    )
    assert list(_phi(tmp_path)) == ["module.web.Microsoft.Web/sites.site"]


LOOPS = {
    "a list of objects": (
        "var apps = [ { name: 'a', class: 'none' }, { name: 'b', class: 'PHI' } ]\n",
        "[for app in apps: {",
        "app.class",
        SETTINGS,
    ),
    "with an index": (
        "param classes array = [ 'none', 'PHI' ]\n",
        "[for (class, i) in classes: {",
        "class",
        SETTINGS,
    ),
    "items of an object": (
        "param apps object = { a: { class: 'none' }, b: { class: 'PHI' } }\n",
        "[for app in items(apps): {",
        "app.value.class",
        SETTINGS,
    ),
    "settings of the rounds": (
        f"var tools = [ {{ settings: {SETTINGS} }} ]\n",
        "[for tool in tools: {",
        "'PHI'",
        "concat([ { name: 'PORT', value: '80' } ], tool.settings)",
    ),
}


@pytest.mark.parametrize("how", LOOPS)
def test_each_round_of_a_loop_is_a_resource(tmp_path: Path, how: str) -> None:
    head, loop, class_, settings = LOOPS[how]
    text = SITE % (class_, settings)
    write(tmp_path, main_bicep=head + text.replace("= {", f"= {loop}", 1).rstrip() + "]\n")
    assert len(_phi(tmp_path)) == 1


def test_settings_may_be_made_by_a_loop(tmp_path: Path) -> None:
    settings = "[for e in items(env): { name: e.key, value: e.value }]"
    head = f"param env object = {{\n  OPENAI_API_KEY: '{REFERENCE}'\n  PORT: '80'\n}}\n"
    write(tmp_path, main_bicep=head + SITE % ("'PHI'", settings))
    assert len(_phi(tmp_path)) == 1


ARM = """{"$schema": "https://x/2019-04-01/deploymentTemplate.json#",
"parameters": {"class": {"type": "string"}, "settings": {"type": "array"}},
"resources": [{"type": "Microsoft.Web/sites", "apiVersion": "2023-12-01", "name": "notes",
"tags": {"DataClassification": "[parameters('class')]"},
"properties": {"siteConfig": {"appSettings": "[parameters('settings')]"}}}]}
"""
GIVEN = """{"$schema": "https://x/2019-04-01/deploymentParameters.json#", "parameters": {
"class": {"value": "%s"},
"settings": {"value": [
{"name": "OPENAI_API_KEY", "value": "@Microsoft.KeyVault(VaultName=kv;SecretName=llm)"}]}}}
"""


@pytest.mark.parametrize("name", ["azuredeploy.parameters.json", "parameters/prod.json"])
def test_an_arm_template_is_read_with_its_parameter_files(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, azuredeploy_json=ARM) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(GIVEN % "PHI")
    (found,) = _phi(tmp_path, "arm").values()
    assert found.resource.variant == name
    assert all('"OPENAI_API_KEY"' in line for line in _said(tmp_path, found))
    path.write_text(GIVEN % "none")
    assert _phi(tmp_path, "arm") == {}


def test_a_parameter_file_elsewhere_is_for_another_template(tmp_path: Path) -> None:
    write(tmp_path, a__azuredeploy_json=ARM, b__azuredeploy_parameters_json=GIVEN % "PHI")
    assert _phi(tmp_path, "arm") == {}

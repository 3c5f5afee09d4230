"""Bicep modules: each call of a local one is an instance of its resources, with the call's parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.facts.signatures import signatures
from openai_phi.reading.bicep_arm.bicep_modules import MOST
from openai_phi.reading.file_reader import FileReader
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.found import Finding
from openai_phi.words.resources import Resource, Setting, Unknown

SITE = """param name string
param tags object = {}
param appSettings object
param endpoint string = 'https://eu.api.openai.com/v1'

resource site 'Microsoft.Web/sites@2022-09-01' = {
  name: name
  tags: tags
  properties: {
    siteConfig: {
      appSettings: [
        { name: 'OPENAI_BASE_URL', value: endpoint }
      ]
    }
  }
}

module settings 'settings.bicep' = {
  name: '${name}-settings'
  params: {
    name: site.name
    appSettings: union(appSettings, { FEATURE: 'on' })
  }
}
"""
SETTINGS = """param name string
@secure()
param appSettings object

resource app 'Microsoft.Web/sites@2022-09-01' existing = {
  name: name
}

resource config 'Microsoft.Web/sites/config@2022-09-01' = {
  name: 'appsettings'
  parent: app
  properties: appSettings
}
"""
HEAD = """param tags object = {}
@secure()
param key string
"""
CALL = """
module %(name)s 'host/site.bicep' = {
  name: '%(name)s'
  params: {
    name: '%(name)s'
    tags: union(tags, { DataClassification: '%(tag)s' })
    appSettings: {
      OPENAI_API_KEY: key
      OPENAI_BASE_URL: 'https://%(host)s.api.openai.com/v1'
    }
  }
}
"""
WEB = CALL % {"name": "web", "tag": "PHI", "host": "us"}
PUBLIC = CALL % {"name": "public", "tag": "public", "host": "us"}
CONFIG = "module.web.module.settings.Microsoft.Web/sites/config.config"


def folder(tmp_path: Path, main: str, **files: str) -> Path:
    for name, text in {"main": main, "host/site": SITE, "host/settings": SETTINGS, **files}.items():
        path = tmp_path / f"{name}.bicep"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def resources(root: Path) -> dict[str, Resource]:
    files = sorted(str(p) for p in root.rglob("*.bicep"))
    found = FileReader(str(root), signatures(), lambda f: Path(f).read_text()).read("bicep", files)
    ids = [r.id for r in found.resources]
    assert len({(r.scope, r.id) for r in found.resources}) == len(ids)
    return {r.id: r for r in found.resources}


def settings(resource: Resource, name: str) -> list[Setting]:
    return [s for s in resource.settings if s.name == name]


def findings(root: Path, start: str) -> list[Finding]:
    return [f for f in scan_folder(Options(str(root))).findings if f.rule.startswith(start)]


def judged(root: Path) -> set[str]:
    """What is said to send PHI to an endpoint that nothing covers."""
    return {r for f in findings(root, "OAI_COVERAGE_2") for r in (f.resource, *f.also)}


def test_phi_and_key_of_a_call_reach_the_resource_inside(tmp_path: Path) -> None:
    root = folder(tmp_path, HEAD + WEB)
    site = "module.web.Microsoft.Web/sites.site"
    assert judged(root) == {site, CONFIG}
    (found,) = [f for f in findings(root, "OAI_COVERAGE_9") if f.resource == CONFIG]
    assert (found.place.file, found.place.line) == ("main.bicep", 11)
    places = {(s.place.file, s.place.line) for s in found.trace if s.place}
    assert {("main.bicep", 9), ("main.bicep", 11), ("main.bicep", 12)} <= places


def test_nothing_is_said_of_the_call_or_of_the_module_by_itself(tmp_path: Path) -> None:
    root = folder(tmp_path, HEAD + WEB)
    assert not findings(root, "OAI_DECLARATION_2")
    assert set(resources(root)) == {
        "module.web",
        "module.web.Microsoft.Web/sites.site",
        "module.web.module.settings",
        CONFIG,
    }


def test_two_calls_are_two_instances_and_only_one_has_phi(tmp_path: Path) -> None:
    root = folder(tmp_path, HEAD + WEB + PUBLIC)
    said = judged(root)
    assert CONFIG in said
    assert not any(r.startswith("module.public") for r in said)
    both = [
        settings(r, "OPENAI_API_KEY")[0].line for r in resources(root).values() if ".config" in r.id
    ]
    assert both == [11, 23]


def test_a_value_stands_where_the_call_wrote_it(tmp_path: Path) -> None:
    call = "module web 'host/site.bicep' = {\n  params: {\n    name: 'web'\n    endpoint: 'https://us.api.openai.com'\n  }\n}\n"
    site = resources(folder(tmp_path, call))["module.web.Microsoft.Web/sites.site"]
    (url,) = settings(site, "OPENAI_BASE_URL")
    assert (url.value, url.file, url.line) == ("https://us.api.openai.com", "main.bicep", 4)
    assert (site.file, site.line, site.scope) == ("host/site.bicep", 6, "main.bicep")
    assert site.end_line <= 17


def test_a_default_counts_where_a_call_gives_nothing_or_null(tmp_path: Path) -> None:
    call = "module web 'host/site.bicep' = {\n  params: {\n    appSettings: {}\n    endpoint: null\n  }\n}\n"
    site = resources(folder(tmp_path, call))["module.web.Microsoft.Web/sites.site"]
    (url,) = settings(site, "OPENAI_BASE_URL")
    assert (url.value, url.file) == ("https://eu.api.openai.com/v1", "host/site.bicep")


@pytest.mark.parametrize("given", ["ai.outputs.endpoint", "host", "'${host}'"])
def test_what_is_not_known_in_the_call_is_not_known_inside(tmp_path: Path, given: str) -> None:
    call = f"param host string\nmodule web 'host/site.bicep' = {{\n  params: {{\n    endpoint: {given}\n  }}\n}}\n"
    site = resources(folder(tmp_path, call))["module.web.Microsoft.Web/sites.site"]
    (url,) = settings(site, "OPENAI_BASE_URL")
    assert isinstance(url.value, Unknown)


def test_a_secure_parameter_of_a_module_takes_no_text(tmp_path: Path) -> None:
    module = "@secure()\nparam key string\nresource s 'Microsoft.Web/sites@2022-09-01' = {\n  properties: { OPENAI_API_KEY: key }\n}\n"
    call = "module web 'app.bicep' = {\n  params: { key: 'plain' }\n}\n"
    found = resources(folder(tmp_path, call, app=module))["module.web.Microsoft.Web/sites.s"]
    assert isinstance(settings(found, "OPENAI_API_KEY")[0].value, Unknown)


@pytest.mark.parametrize("head", ["[for i in range(0, 3): {", "if (deploy) {"])
def test_a_call_in_a_loop_or_under_a_condition_is_one_instance(tmp_path: Path, head: str) -> None:
    call = WEB.replace("= {", f"= {head}", 1).rstrip() + ("]" if "[" in head else "") + "\n"
    root = folder(tmp_path, HEAD + call)
    assert CONFIG in judged(root)
    assert len([r for r in resources(root) if r.endswith(".config")]) == 1


def test_modules_that_call_each_other_end(tmp_path: Path) -> None:
    loop = "module next '%s.bicep' = {\n  params: { url: 'https://us.api.openai.com' }\n}\n"
    root = folder(tmp_path, WEB, a=loop % "b", b=loop % "a", self=loop % "self")
    assert "module.next" in resources(root)


def test_calls_that_multiply_are_followed_up_to_a_limit(tmp_path: Path) -> None:
    def calls(target: str) -> str:
        call = "module m%d '%s.bicep' = {\n  params: { url: 'https://us.api.openai.com' }\n}\n"
        return "".join(call % (i, target) for i in range(8))

    files = {f"l{i}": calls(f"l{i + 1}") for i in range(6)}
    leaf = "param url string\nresource s 'Microsoft.Web/sites@2022-09-01' = {\n  properties: { url: url }\n}\n"
    found = resources(folder(tmp_path, calls("l0"), **files, l6=leaf))
    assert sum(r.type != "bicep_module" for r in found.values()) <= MOST


@pytest.mark.parametrize(
    "source", ["br/public:avm/res/web/site:0.1.0", "ts:sub/rg/spec:1", "gone.bicep"]
)
def test_a_module_that_is_not_here_stays_a_call(tmp_path: Path, source: str) -> None:
    root = folder(tmp_path, HEAD + WEB.replace("host/site.bicep", source), **{"host/site": ""})
    call = resources(root)["module.web"]
    assert settings(call, "OPENAI_API_KEY")
    assert [f.resource for f in findings(root, "OAI_DECLARATION_2")] == ["module.web"]


def test_a_module_that_cannot_be_read_says_so_and_the_call_stays(tmp_path: Path) -> None:
    root = folder(
        tmp_path, HEAD + WEB, **{"host/site": "// openai\nresource a 'b@1' = {\n  x: {\n"}
    )
    assert settings(resources(root)["module.web"], "OPENAI_API_KEY")
    unread = [f for f in findings(root, "OAI_SCAN") if f.place.file == "host/site.bicep"]
    assert len(unread) == 1


def test_what_a_module_makes_no_value_from_stays_with_the_call(tmp_path: Path) -> None:
    module = """param env object
resource s 'Microsoft.Web/sites@2022-09-01' = {
  properties: { list: reduce(items(env), [], (all, e) => concat(all, [ e.key ])) }
}
"""
    call = "module web 'app.bicep' = {\n  params: { env: { OPENAI_API_KEY: 'x' } }\n}\n"
    assert settings(resources(folder(tmp_path, call, app=module))["module.web"], "OPENAI_API_KEY")


def test_a_resource_within_another_has_its_type_and_its_tags(tmp_path: Path) -> None:
    text = """resource site 'Microsoft.Web/sites@2022-09-01' = {
  name: 'web'
  tags: { DataClassification: 'PHI' }
  resource inner 'config' = {
    name: 'appsettings'
    properties: { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: 'https://us.api.openai.com/v1' }
  }
}
resource outer 'Microsoft.Web/sites/config@2022-09-01' = {
  name: 'appsettings'
  parent: site
  properties: { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: 'https://us.api.openai.com/v1' }
}
"""
    assert judged(folder(tmp_path, text)) == {
        "Microsoft.Web/sites/config.inner",
        "Microsoft.Web/sites/config.outer",
    }

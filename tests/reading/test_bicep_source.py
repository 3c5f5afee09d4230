"""Bicep source: defaults of parameters, variables and what stays unknown."""

from __future__ import annotations

import pytest

from openai_phi.reading.bicep_arm.bicep_source import read_bicep
from openai_phi.text.documents import Unreadable
from openai_phi.words.resources import Unknown


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("param kind string = 'OpenAI'", "OpenAI"),
        ("param kind string='OpenAI'", "OpenAI"),
        ("param kind 'OpenAI' | 'AIServices' = 'AIServices'", "AIServices"),
        ("@description('a = b')\nparam kind string = 'OpenAI' // the default", "OpenAI"),
        ("param kind string", Unknown("the parameter kind, which has no default")),
        ("param kind string // = 'OpenAI'", Unknown("the parameter kind, which has no default")),
        ("@secure()\nparam kind string = 'x'", Unknown("the secure parameter kind")),
        ("var kind = 'OpenAI'", "OpenAI"),
    ],
)
def test_the_value_of_a_name(parameter: str, value: object) -> None:
    text = f"{parameter}\nresource a 'Microsoft.CognitiveServices/accounts@2023-05-01' = {{\n  kind: kind\n}}\n"
    (block,) = read_bicep(text).blocks
    assert block.body == {"kind": value}


def test_a_list_in_a_variable_reaches_the_module_that_takes_it() -> None:
    text = """param endpoint string
var env = [
  { name: 'AZURE_OPENAI_ENDPOINT', value: endpoint }
]
module app 'app.bicep' = {
  params: { env: env }
}
"""
    (block,) = read_bicep(text).blocks
    (pair,) = block.body["params"]["env"]
    assert pair["name"] == "AZURE_OPENAI_ENDPOINT"
    assert isinstance(pair["value"], Unknown)


WEB = "resource app 'Microsoft.Web/sites@2023-12-01' = "


@pytest.mark.parametrize(
    "before",
    [
        "tags: (on ? { a: '${empty(b) ? 'x' : '(y'}' } : {})",
        "limit: max(1, // don't go below\n    2)",
        "logs: [for group in (groups ?? [{ category: 'all' }]): { category: group.category }]",
        "note: '''\n it's )]} text\n'''",
        "...common",
    ],
)
def test_what_stands_after_a_hard_expression_is_read(before: str) -> None:
    text = (
        f"{WEB}{{\n  {before}\n  properties: {{ OPENAI_BASE_URL: 'https://api.openai.com' }}\n}}\n"
    )
    (block,) = read_bicep(text).blocks
    assert block.body["properties"] == {"OPENAI_BASE_URL": "https://api.openai.com"}


@pytest.mark.parametrize(
    "head",
    [
        "[for name in (names ?? [{ id: 'a' }]): {",
        "[for name in names: if (!empty({ a: name })) {",
        "if (on && !empty({ a: 'b' })) {",
    ],
)
def test_the_body_of_a_block_stands_after_its_loop_and_condition(head: str) -> None:
    close = "]" if head.startswith("[") else ""
    (block,) = read_bicep(f"{WEB}{head}\n  kind: 'functionapp'\n}}{close}\n").blocks
    assert block.body == {"kind": "functionapp"}


def test_a_choice_between_two_texts_is_no_text() -> None:
    (block,) = read_bicep(f"{WEB}{{\n  kind: 'a' == b ? 'c' : 'd'\n}}\n").blocks
    assert isinstance(block.body["kind"], Unknown) or block.body["kind"] == ["c", "d"]


def test_a_bracket_that_closes_nothing_is_said_with_its_line() -> None:
    with pytest.raises(Unreadable) as raised:
        read_bicep(f"{WEB}{{\n  kind: 'x'\n  )\n}}\n")
    assert (raised.value.line, raised.value.reason) == (3, "is not valid Bicep: ) closes nothing")


KEY = {"OPENAI_API_KEY": "x"}


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("union(tags, {\n    OPENAI_API_KEY: 'x'\n  })", KEY),
        ("union({ OPENAI_API_KEY: 'y', A: 'a' }, { OPENAI_API_KEY: 'x' })", {"A": "a", **KEY}),
        ("on ? { OPENAI_API_KEY: 'x' } : {}", KEY),
        ("!empty(a[0]) ? union(tags, { OPENAI_API_KEY: 'x' }) : tags", KEY),
        ("on\n    ? { OPENAI_API_KEY: 'x' }\n    : { OPENAI_API_KEY: 'z' }", {"OPENAI_API_KEY": ["x", "z"]}),
        ("union({ A: 'a' }, (on ? { OPENAI_API_KEY: 'x' } : {}))", {"A": "a", **KEY}),
        ("concat(env, [ { name: 'A' } ], [\n    { name: 'B' }\n  ])", [{"name": "A"}, {"name": "B"}]),
        ("union(env, []) ", []),
        ("on ? null : { OPENAI_API_KEY: 'x' }", KEY),
        ("length([ 'a' ])", Unknown("is computed: length([ 'a' ])")),
        ("a ?? { OPENAI_API_KEY: 'x' }", Unknown("is computed: a ?? { OPENAI_API_KEY: 'x' }")),
    ],
)  # fmt: skip
def test_what_is_put_together_of_objects_and_lists(value: str, read: object) -> None:
    (block,) = read_bicep(f"{WEB}{{\n  appSettings: {value}\n  kind: 'app'\n}}\n").blocks
    assert block.body == {"appSettings": read, "kind": "app"}


def test_a_setting_within_a_union_stands_at_its_line() -> None:
    text = f"{WEB}{{\n  appSettings: union(tags, {{\n    OPENAI_API_KEY: 'x'\n  }})\n}}\n"
    assert read_bicep(text).lines[("app", "appSettings", "OPENAI_API_KEY")] == 3


def test_letters_by_their_numbers() -> None:
    text = f"{WEB}{{\n  appSettings: {{ '\\u{{4f}}PENAI_API_KEY': 'x\\u{{79}}' }}\n}}\n"
    (block,) = read_bicep(text).blocks
    assert block.body == {"appSettings": {"OPENAI_API_KEY": "xy"}}

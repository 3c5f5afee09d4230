"""Bicep source: defaults of parameters, variables and what stays unknown."""

from __future__ import annotations

import pytest

from openai_phi.bicep_source import read_bicep
from openai_phi.model import Unknown


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

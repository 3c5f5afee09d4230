"""What rules of the clouds' firewalls allow of a provider: every path, one endpoint, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, write

AZURE = """resource "azurerm_firewall_policy_rule_collection_group" "g" {
  application_rule_collection {
    action = "%s"
    rule {
      %s = ["%s"]
    }
  }
}
"""
RESOLVER = 'resource "aws_route53_resolver_firewall_domain_list" "g" {\n  domains = ["%s"]\n}\n'
OPEN = (
    'resource "aws_security_group" "g" {\n  description = "to api.openai.com"\n  egress {\n'
    '    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n'
)
CASES = {
    "a path": (AZURE % ("Allow", "destination_urls", "api.openai.com/v1/responses"), [("api.openai.com", ("/v1/responses",))]),
    "every path": (AZURE % ("Allow", "destination_urls", "api.openai.com/*"), [("api.openai.com", ())]),
    "a host": (AZURE % ("Allow", "destination_fqdns", "api.openai.com"), [("api.openai.com", ())]),
    "a host that is denied": (AZURE % ("Deny", "destination_fqdns", "api.openai.com"), []),
    "a domain": (RESOLVER % "api.openai.com.", [("api.openai.com", ())]),
    "another domain": (RESOLVER % "*.example.com", []),
    "every address": (OPEN, []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_a_rule_allows(tmp_path: Path, case: str) -> None:
    text, expected = CASES[case]
    write(tmp_path, main_tf=text)
    rules = analysis(tmp_path, "terraform").estate.egress
    assert [(a.host, a.paths) for r in rules for a in r.allowed] == expected

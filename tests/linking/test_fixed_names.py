"""A host of a provider that is told another address is where that leads, whoever writes /etc/hosts."""

from __future__ import annotations

from typing import Any

import pytest

from handmade import linked, made
from openai_phi.facts.signatures import signatures
from openai_phi.linking.fixed_names import fixed_names
from openai_phi.words.resources import Setting

IP = "203.0.113.9"


def _set(value: Any, *path: str | int) -> Setting:
    return Setting(str(path[-1]), value, path, 3)


@pytest.mark.parametrize(
    "settings",
    [
        (_set(IP, "spec", "hostAliases", 0, "ip"), _set("api.openai.com", "spec", "hostAliases", 0, "hostnames", 0)),
        (_set(IP, "extraHosts", 1, "ipAddress"), _set("API.openai.com", "extraHosts", 1, "hostname")),
        (_set(f"api.openai.com:{IP}", "extra_hosts", 0),),
        (_set(f"api.openai.com={IP}", "extra_hosts", 0),),
        (_set(IP, "extra_hosts", "api.openai.com"),),
        (_set(f"echo '{IP} api.openai.com' >> /etc/hosts; exec app", "command", 2),),
        (_set(f"docker run --add-host api.openai.com:{IP} app", "run"),),
        (_set("api.openai.com:[2001:db8::9]", "extra_hosts", 0),),
    ],
)  # fmt: skip
def test_a_host_of_a_provider(settings: tuple[Setting, ...]) -> None:
    assert [f.host for f in fixed_names(settings, signatures())] == ["api.openai.com"]


@pytest.mark.parametrize(
    "settings",
    [
        (_set("lab.clinic.example:10.0.0.4", "extra_hosts", 0),),
        (_set("host.docker.internal:host-gateway", "extra_hosts", 0),),
        (_set(IP, "hostAliases", 0, "ip"), _set("api.openai.com", "hostAliases", 1, "hostnames", 0)),
        (_set("10.0.1.5", "hostAliases", 0, "ip"), _set("clinic.openai.azure.com", "hostAliases", 0, "hostnames", 0)),
        (_set(f"ping {IP} && curl api.openai.com", "command", 2),),
    ],
)  # fmt: skip
def test_what_tells_none(settings: tuple[Setting, ...]) -> None:
    assert fixed_names(settings, signatures()) == ()


def test_the_use_is_where_it_leads() -> None:
    said = {"environment.variables.OPENAI_API_KEY": "sk-proj-0123456789abcdefghij"}
    app = made(
        "aws_lambda_function",
        {**said, "tags.data-classification": "phi", "extra_hosts.0": f"api.openai.com:{IP}"},
    )
    (workload,) = linked([app]).workloads
    assert [(u.provider, u.host, u.unseen) for u in workload.uses] == [("gateway", IP, True)]

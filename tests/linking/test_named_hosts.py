"""Every host that settings name is found, with what the words around it speak of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openai_phi.facts.destination_words import Speaks, destination_words
from openai_phi.linking.named_hosts import named_hosts
from openai_phi.words.resources import Setting, Unknown

SETTING = Setting("LAB_URL", "https://lab.example/orders", ("env", "LAB_URL"), 7, "app", role="env")


def _found(*settings: Setting) -> list[tuple[str, str, int, Speaks]]:
    found = named_hosts(settings, destination_words())
    return [(n.host, n.name, n.line, n.speaks) for n in found]


def _text(text: str, name: str = "app.conf") -> Setting:
    return Setting(name, text, ("data", name), 10, "data.app")


def test_a_host_under_an_ordinary_name_is_named_and_speaks_of_nothing() -> None:
    assert _found(SETTING) == [("lab.example", "LAB_URL", 7, Speaks.OF_NOTHING)]


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("--llm-endpoint=way.example:443", "llm-endpoint"),
        ("-Dllm.base-url=https://way.example", "llm.base-url"),
        ("exec app --llm-url https://way.example", "llm-url"),
        ("LLM_URL=https://way.example app", "LLM_URL"),
    ],
)
def test_an_argument_names_what_it_gives(argument: str, name: str) -> None:
    setting = Setting("args", argument, ("args", 0), 3, "app")
    assert _found(setting) == [("way.example", name, 3, Speaks.OF_A_PROVIDER)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[openai]\nserver = https://way.example\n", 11),
        ("llm:\n  # https://docs.example\n  upstream: https://way.example\n", 12),
        ("location /openai/ { proxy_pass https://way.example/; }\n#\n", 10),
        ("backend: https://way.example/v1/chat/completions\n#\n", 10),
    ],
)
def test_lines_of_a_text_are_read_in_their_sections(text: str, line: int) -> None:
    (found,) = _found(_text(text))
    assert (found[0], found[2], found[3]) == ("way.example", line, Speaks.OF_A_PROVIDER)


def test_the_name_of_a_mounted_file_speaks() -> None:
    (found,) = _found(_text("server: https://way.example\n#\n", "openai.yaml"))
    assert found[3] is Speaks.OF_A_PROVIDER


def test_a_document_is_read_by_its_own_settings_and_not_twice() -> None:
    whole = _text("lab:\n  url: https://lab.example\n")
    inside = Setting(
        "url", "https://lab.example", ("data", "app.conf", "lab", "url"), 11, "data.app"
    )
    assert _found(replace(whole, role="document"), inside) == [
        ("lab.example", "url", 11, Speaks.OF_NOTHING)
    ]


def test_an_address_that_cannot_be_read_is_told_with_what_its_name_speaks_of() -> None:
    unread = replace(SETTING, value=Unknown("is not in this scan"))
    assert _found(unread) == [("", "LAB_URL", 7, Speaks.OF_NOTHING)]
    assert _found(replace(unread, name="LLM_BASE_URL", path=("env", "LLM_BASE_URL"))) == [
        ("", "LLM_BASE_URL", 7, Speaks.OF_A_PROVIDER)
    ]
    assert _found(replace(unread, name="LLM_TEMPERATURE", path=("env", "LLM_TEMPERATURE"))) == []


def test_addresses_and_sockets_are_hosts() -> None:
    v6 = replace(SETTING, value="http://[2001:db8::1]:8080/v1")
    assert _found(v6)[0][0] == "[2001:db8::1]"
    assert _found(replace(SETTING, value="unix:///run/relay.sock"))[0][0] == "/run/relay.sock"
    assert _found(replace(SETTING, value="http://0.0.0.0:8080")) == []


def test_a_file_mounted_into_one_container_is_that_programs() -> None:
    mounted = replace(SETTING, group="data.c", mounted=("app",))
    assert [n.group for n in named_hosts((mounted,), destination_words())] == ["app"]

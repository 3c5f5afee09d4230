"""What holds for every deployment, over generated ones: the unknown, more and less, spellings, secrets, limits."""

from __future__ import annotations

import os
import re
from dataclasses import replace

import pytest
import yaml

from hostile_text import LITERAL
from openai_phi.facts.data_files import schema_root
from openai_phi.reporting.reports import FORMATS, render
from properties.judged import CLEAN, FAILS, judged, scanned
from properties.written import POLICY, UNKNOWN, WITH_ARGUMENTS, WRITERS, Files, Program

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

MORE = int(os.environ.get("OPENAI_PHI_FUZZ", "1"))
"""How many times the examples of `make test` are tried: `make fuzz` says more, and takes others each time."""


def _tried(examples: int) -> settings:
    return settings(
        max_examples=examples * MORE,
        derandomize=MORE == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


HARMLESS = {
    "SENTRY_DSN": "https://k@o1.ingest.sentry.io/1",
    "BUCKET": "clinic-scans",
    "PAYMENT_GATEWAY_URL": "https://pay.vendor.example/v2",
    "MODEL_REGISTRY_URL": "http://mlflow.ml.svc:5000",
    "CHAT_SERVICE_URL": "https://chat.clinic.example",
    "LAB_URL": "https://lab.example/orders",
    "PGHOST": "db.clinic.example",
    "LOG_LEVEL": "info",
    "TITLE": 'a "quoted" title: yes, #1',
}
ASKED = {
    "OPENAI_BASE_URL": "https://way.example/v1",
    "OPENAI_API_BASE": "https://api%2Eopenai.com/v1/conversations",
    "LLM_BASE_URL": "https://way.example/v1",
    "LLM_HOST": "way.example:8443",
    "AI_ENDPOINT": "https://way.example",
    "SUMMARY_URL": "https://api.openai.com/v1",
    "NOTES_URL": "https://way.example/v1/chat/completions",
    "AZURE_OPENAI_ENDPOINT": "https://clinic.openai.azure.com/",
}
ARGUMENTS = (
    ("--llm-base-url=https://way.example/v1",),
    ("--openai-api-base", "https://way.example/v1"),
    ("sh", "-c", "export OPENAI_BASE_URL=https://way.example/v1; exec app"),
)

frameworks = st.sampled_from(sorted(WRITERS))
harmless = st.lists(st.sampled_from(sorted(HARMLESS.items())), unique=True, max_size=4).map(tuple)
asked = st.sampled_from(sorted(ASKED.items()))
keys = st.sampled_from(["", "OPENAI_API_KEY"])
programs = st.builds(Program, env=harmless, key=keys)


def _written(framework: str, program: Program) -> Files:
    return WRITERS[framework](program)


@_tried(11)
@given(framework=frameworks, program=programs)
def test_a_covered_program_among_harmless_settings_is_clean(
    framework: str, program: Program
) -> None:
    (found,) = judged({"one": _written(framework, program)}).values()
    assert found.rank == CLEAN, found


@_tried(11)
@given(framework=frameworks, program=programs, more=asked)
def test_an_unknown_value_never_passes_unsaid(
    framework: str, program: Program, more: tuple[str, str]
) -> None:
    name, value = more
    known = replace(program, name="apple").given(name, value)
    unknown = replace(program, name="pear").given(name, UNKNOWN)
    if framework == "helm":
        framework = "kubernetes"
    found = judged({"known": _written(framework, known), "unknown": _written(framework, unknown)})
    assert found["known"].rank == FAILS, found
    assert found["unknown"].rank == FAILS or found["unknown"].gaps, found


@_tried(11)
@given(framework=frameworks, program=programs, more=asked, argument=st.sampled_from(ARGUMENTS))
def test_more_of_what_matters_never_improves_a_verdict(
    framework: str, program: Program, more: tuple[str, str], argument: tuple[str, ...]
) -> None:
    first = replace(program, name="apple")
    variants = {
        "apple": first,
        "pear": replace(first, name="pear").given(*more),
        "plum": replace(first, name="plum", phi=False).given(*more),
        "lime": replace(first, name="lime", key="OPENAI_API_KEY").given(*more),
    }
    if framework in WITH_ARGUMENTS:
        variants["fig"] = replace(first, name="fig", args=argument)
    made = {name: _written(framework, p) for name, p in variants.items()}
    found = judged(made)
    assert found["pear"].rank >= max(found["apple"].rank, found["plum"].rank), found
    assert found["lime"].rank == found["pear"].rank == FAILS, found
    assert "fig" not in found or found["fig"].rank == FAILS, found
    data = yaml.safe_load(POLICY)
    less = {**data, "agreements": data["agreements"][:1]}
    poorer = judged(made, yaml.safe_dump(less))
    assert all(poorer[name].rank >= each.rank for name, each in found.items()), (found, poorer)


def _escaped(text: str, words: tuple[str, ...]) -> str:
    """YAML whose quoted words are written with escapes of each of its kinds."""
    forms = ("\\x{:02x}", "\\u{:04x}", "\\U{:08x}")
    for index, word in enumerate(words):
        form = forms[index % 3].format(ord(word[0]))
        text = text.replace(f'"{word}', f'"{form}{word[1:]}')
    return text


@_tried(10)
@given(
    program=programs, more=asked, framework=st.sampled_from(["kubernetes", "compose", "serverless"])
)
def test_every_spelling_is_judged_alike(
    program: Program, more: tuple[str, str], framework: str
) -> None:
    plain = program.given(*more)
    turned = replace(plain, env=tuple(reversed(plain.env)))
    made = {"plain": plain, "turned": turned}
    files = {n: _written(framework, replace(p, name=f"app{n}")) for n, p in made.items()}
    ((file, text),) = files["plain"].items()
    words = ("OPENAI_", "LLM_", "AZURE_", "https://", "SUMMARY", "NOTES", "AI_EN", "way.")
    files["escaped"] = {file: _escaped(text, words).replace("appplain", "appescaped")}
    files["returned"] = {file: text.replace("\n", "\r\n").replace("appplain", "appreturned")}
    files["marked"] = {file: "\ufeff" + text.replace("appplain", "appmarked")}
    data = yaml.safe_load(POLICY)
    backward = yaml.safe_dump(
        {k: v[::-1] if isinstance(v, list) else v for k, v in reversed(data.items())},
        sort_keys=False,
    )
    found = judged(files)
    assert len({(f.rank, f.rules) for f in found.values()}) == 1, found
    assert judged(files, backward) == found


LIBRARY = (schema_root() / "report" / "dagre" / "dagre.min.js").read_text(encoding="utf-8").strip()
"""What the page draws its flow with: it is ours, holds such a character, and no name of a scan."""
RAW = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]")
names = st.text(
    st.sampled_from("abc-:,=+@|<>\u202e\u2066\u200f\x85\x1b\x07é\n"), min_size=1, max_size=12
)


@_tried(6)
@given(text=names, framework=st.sampled_from(["kubernetes", "compose", "cloudformation", "arm"]))
def test_no_secret_and_no_raw_control_character_is_in_any_output(text: str, framework: str) -> None:
    program = Program(
        env=(
            ("OPENAI_API_KEY", LITERAL),
            (f"LLM_URL_{text}", f"https://way.example/{text}"),
            ("OPENAI_BASE_URL", f"https://u:{LITERAL}@way.example/v1"),
        ),
        args=(f"--openai-base-url=https://way.example/::error::{text}", f"x{LITERAL}"),
    )
    result = scanned({"one": _written(framework, program)})
    assert result.findings or result.unread
    for format in FORMATS:
        shown = render(result, format).replace(LIBRARY, "")
        assert LITERAL not in shown, format
        assert not RAW.search(shown), format
        lines = shown.splitlines() if format in ("junit", "csv", "text", "markdown") else []
        assert not any(line.lstrip().startswith("::error") for line in lines), format


bytes_ = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6)


@_tried(10)
@given(framework=frameworks, program=programs, more=asked, put=bytes_, cut=st.integers(0, 100))
def test_what_is_broken_ends_in_a_verdict(
    framework: str,
    program: Program,
    more: tuple[str, str],
    put: list[tuple[int, int]],
    cut: int,
) -> None:
    broken = {}
    for file, text in _written(framework, program.given(*more)).items():
        raw = bytearray(text.encode())
        for at, byte in put:
            raw[at % len(raw)] = byte
        raw = raw[: len(raw) * (100 - cut // 10) // 100]
        broken[file] = raw.decode("utf-8", "surrogateescape")
    result = scanned({"one": broken})
    assert {f.rule for f in result.findings} <= {r.id for r in result.rules}

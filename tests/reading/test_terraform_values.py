"""Terraform's functions over known, unknown and partly known values: nothing unknown is taken for known."""

from __future__ import annotations

from typing import Any

import pytest

from openai_phi.reading.terraform.terraform_values import (
    Encoded,
    OneOf,
    Partial,
    Ref,
    Unknown,
    Val,
    call,
    is_known,
    joined,
    refs_of,
    wrap,
)

UNKNOWN = Val(Unknown("no value is given", "x"))


def value(data: Any) -> Val:
    """Plain data as a value; what is one already stays, at any depth."""
    if isinstance(data, Val):
        return data
    if isinstance(data, dict):
        return Val({k: value(v) for k, v in data.items()})
    if isinstance(data, list):
        return Val([value(v) for v in data])
    return Val(data)


def shown(val: Val) -> Any:
    """A value as plain data, in which `?` is unknown and a set is one of its members."""
    data = val.data
    if isinstance(data, Unknown):
        return "?"
    if isinstance(data, OneOf):
        return {shown(o) for o in data.options}
    if isinstance(data, Partial):
        return Partial(data.text)
    if isinstance(data, dict):
        return {k: shown(v) for k, v in data.items()}
    if isinstance(data, list):
        return [shown(v) for v in data]
    return shown(data.data) if isinstance(data, Encoded) else data


def result(name: str, *args: Any) -> Any:
    return shown(call(name, [value(a) for a in args]))


A, B, C = "https://a.example", "https://b.example", "https://c.example"


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        ([{"u": A}, {"u": B}], {"u": B}),
        ([{"u": A}, {"u": B}, {"u": C}], {"u": C}),
        ([{"u": A, "k": 1}, {"u": B}], {"u": B, "k": 1}),
        ([{"u": A}, {"k": 1}], {"u": A, "k": 1}),
        ([{"u": A}, {}], {"u": A}),
        ([{"u": A}, None], {"u": A}),
        ([{"u": A}, {"u": UNKNOWN}], {"u": "?"}),
        ([{"u": UNKNOWN}, {"u": B}], {"u": B}),
        ([UNKNOWN, {"u": B}], {"u": B, "(unknown)": "?"}),
        ([{"u": A}, UNKNOWN, {"u": C}], {"u": C, "(unknown)": "?"}),
    ],
)
def test_of_merged_maps_the_later_wins(maps: list[Any], expected: Any) -> None:
    assert result("merge", *maps) == expected


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([A, B], A),
        ([None, "", B], B),
        ([None, ""], None),
        ([UNKNOWN, B], {"?", B}),
        ([UNKNOWN, A, B], {"?", A, B}),
        ([UNKNOWN, A, B, C], {"?", A, B, C}),
        ([UNKNOWN, "", None, C], {"?", C}),
        ([None, UNKNOWN, C], {"?", C}),
        ([A, UNKNOWN], A),
    ],
)
def test_coalesce_keeps_all_that_it_may_be(args: list[Any], expected: Any) -> None:
    assert result("coalesce", *args) == expected


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([{"u": A}, "u", B], A),
        ([{"u": A}, "v", B], B),
        ([{}, "v", B], B),
        ([{"u": A}, "v"], "?"),
        ([{"u": UNKNOWN}, "u", B], "?"),
        ([{"u": A, "(unknown)": UNKNOWN}, "u", B], A),
        ([{"u": A, "(unknown)": UNKNOWN}, "v", B], "?"),
        ([UNKNOWN, "v", B], "?"),
        ([{"u": A, "v": B}, UNKNOWN], {A, B}),
        ([{"u": A, "v": B}, UNKNOWN, C], {A, B, C}),
    ],
)
def test_a_default_of_lookup_counts_only_where_the_map_is_known(
    args: list[Any], expected: Any
) -> None:
    assert result("lookup", *args) == expected


def test_a_merge_with_something_unknown_has_no_default() -> None:
    """The two together, as they are written: `lookup(merge({…}, var.more), "u", "…")`."""
    table = call("merge", [value({"k": 1}), UNKNOWN])
    assert shown(call("lookup", [table, value("u"), value(B)])) == "?"


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, 0, ""),
        (3, 0, ""),
        (0, 3, "abc"),
        (2, 2, "cd"),
        (2, -1, "cdef"),
        (0, -1, "abcdef"),
        (4, 9, "ef"),
        (-3, -1, "def"),
        (-3, 2, "de"),
        (-3, 3, "def"),
        (-3, 0, "def"),
    ],
)
def test_substr_is_as_long_as_asked(start: int, length: int, expected: str) -> None:
    assert result("substr", "abcdef", start, length) == expected


LACKS = Val(Unknown("has no u", missing=True))
"""What the evaluator makes of an attribute that a known map does not have."""


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([A, B], A),
        ([A, B, C], A),
        ([None, B], None),
        (["", B], ""),
        ([LACKS, B], B),
        ([LACKS, LACKS, C], C),
        ([LACKS, A, C], A),
        ([LACKS, LACKS], "?"),
        ([A, LACKS], A),
        ([{"u": UNKNOWN}, {"u": B}], {"u": "?"}),
    ],
)
def test_try_takes_the_first_that_is_there(args: list[Any], expected: Any) -> None:
    assert result("try", *args) == expected


def test_try_keeps_what_may_be_there() -> None:
    """As `coalesce` does: a variable that is given elsewhere is no mistake, and its value stands."""
    assert result("try", UNKNOWN, B) == {"?", B}


def test_a_call_of_one_of_several_is_made_of_each() -> None:
    either = Val(OneOf((value(A), value(B))))
    assert result("upper", either) == {A.upper(), B.upper()}
    assert result("lookup", Val(OneOf((value({"u": A}), value({"u": B})))), "u") == {A, B}


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("no_such_function", [A]),
        ("one", [[]]),
        ("element", [[], 0]),
        ("jsondecode", ["{"]),
        ("tonumber", ["x"]),
        ("replace", [UNKNOWN, "a", "b"]),
        ("sort", [[UNKNOWN]]),
        ("split", [",", UNKNOWN]),
        ("keys", [UNKNOWN]),
    ],
)
def test_what_cannot_be_evaluated_is_unknown_and_keeps_its_references(
    name: str, args: list[Any]
) -> None:
    ref = Ref("/a", "aws_s3_bucket.notes")
    values = [value(a).with_refs([ref]) for a in args]
    found = call(name, values)
    assert isinstance(found.data, Unknown)
    assert refs_of([found]) == {ref}


def test_a_text_with_a_hole_stays_readable() -> None:
    """The host of a URL is known though its path is not; what is made of it is a text with a hole too."""
    text = joined([value(f"{A}/"), UNKNOWN, value("/v1")])
    assert text.data == Partial(A + "/${…}/v1")
    assert not is_known(text)
    assert call("trimsuffix", [text, value("/v1")]).data == Partial(A + "/${…}")
    assert call("join", [value("-"), value(["a", UNKNOWN])]).data == Partial("a-${…}")
    assert call("format", [value("%s/%d%%"), value(A), UNKNOWN]).data == Partial(A + "/${…}%")


def test_what_is_encoded_stays_data() -> None:
    encoded = call("jsonencode", [value({"u": UNKNOWN, "k": A})])
    assert shown(encoded) == {"u": "?", "k": A}
    assert not is_known(encoded)
    assert result("jsondecode", call("jsonencode", [value({"k": [1, A]})])) == {"k": [1, A]}


def test_a_concatenation_says_where_it_is_not_known() -> None:
    assert result("concat", ["a"], UNKNOWN, ["b"]) == ["a", "?", "b"]
    assert result("flatten", [["a", ["b"]], [UNKNOWN]]) == ["a", "b", "?"]
    assert result("compact", ["a", "", None, UNKNOWN]) == ["a", "?"]


def test_plain_data_takes_the_place_of_what_it_came_from() -> None:
    at = wrap({"a": [1]}, Val("x", 7, "main.tf"))
    assert {(v.line, v.file) for v in (at, at.data["a"], at.data["a"].data[0])} == {(7, "main.tf")}

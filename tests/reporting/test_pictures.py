"""The README's picture of a trace is what the sample gives today."""

from __future__ import annotations

from pictures import PICTURES, sample, svg, trace


def test_the_trace_is_fresh() -> None:
    drawn = (PICTURES / "trace.svg").read_text(encoding="utf-8")
    assert drawn == svg(trace(sample())), "run: make pages"


def test_a_name_in_the_picture_is_text_alone() -> None:
    assert "&lt;script&gt;" in svg("\x1b[31m\x1b[1m<script>\x1b[0m")
    assert '<tspan fill="#ff7b72" font-weight="bold">' in svg("\x1b[31m\x1b[1mNOT COVERED\x1b[0m")

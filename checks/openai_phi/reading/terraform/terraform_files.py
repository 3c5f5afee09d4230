"""Files that Terraform's functions take in: which a pattern names, and what is decoded of a text, with its lines."""

from __future__ import annotations

import csv
import glob
import io
import os
import re
from typing import Any

from openai_phi.reading.terraform.terraform_values import Encoded, Val, wrap
from openai_phi.text.documents import Document, Unreadable, read_file

_BRACES = re.compile(r"\{([^{}]*)\}")
MAX_ALTERNATIVES = 64


def within(path: str, root: str) -> bool:
    """Whether a path lies below a root."""
    whole = os.path.normpath(path)
    return whole == root or whole.startswith(root.rstrip(os.sep) + os.sep)


def alternatives(pattern: str) -> list[str]:
    """The patterns that one with `{a,b}` stands for."""
    found = _BRACES.search(pattern)
    if not found:
        return [pattern]
    parts = [
        pattern[: found.start()] + part + pattern[found.end() :] for part in found[1].split(",")
    ]
    return [p for part in parts[:MAX_ALTERNATIVES] for p in alternatives(part)][:MAX_ALTERNATIVES]


def matching(folder: str, pattern: str) -> list[str]:
    """The files that a pattern names, relative to a folder."""
    found = glob.glob(os.path.join(folder, pattern), recursive=True)
    return [os.path.relpath(f, folder) for f in found if os.path.isfile(f)]


def decoded_text(value: Val, ending: str) -> Val:
    """The data of a text in YAML or JSON, each entry at its line. Raises ValueError."""
    if isinstance(value.data, Encoded):
        held: Val = value.data.data
        return held
    if not isinstance(value.data, str):
        raise ValueError("no text")
    try:
        documents = read_file(value.data, f"text.{ending}")
    except Unreadable as error:
        raise ValueError(error.reason) from None
    if len(documents) != 1:
        raise ValueError("not one document")
    return _placed(documents[0].data, (), documents[0], value)


def _placed(data: Any, path: tuple[Any, ...], document: Document, text: Val) -> Val:
    line = document.line(path)
    at = text.line + line - 1 if text.whole and text.line else text.line
    if isinstance(data, dict):
        data = {str(k): _placed(v, (*path, k), document, text) for k, v in data.items()}
    elif isinstance(data, list):
        data = [_placed(v, (*path, i), document, text) for i, v in enumerate(data)]
    return Val(data, at, text.file)


def of_csv(value: Val) -> Val:
    """The rows of a text in CSV by the names in its first line. Raises ValueError."""
    if not isinstance(value.data, str):
        raise ValueError("no text")
    reader = csv.reader(io.StringIO(value.data), strict=True)
    try:
        names = next(reader, [])
        out: list[Val] = []
        last = reader.line_num
        for row in reader:
            at = value.line + last if value.whole and value.line else value.line
            last = reader.line_num
            if row:
                cells = {n: Val(c, at, value.file) for n, c in zip(names, row, strict=True)}
                out.append(Val(cells, at, value.file))
    except csv.Error as error:
        raise ValueError(str(error)) from None
    return wrap([], value) if not out else Val(out, value.line, value.file)

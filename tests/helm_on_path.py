"""A folder to put first on PATH where no helm is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def helm_folder() -> Iterator[str]:
    """The folder of the `helm` that is installed, or of a stand-in for the time of the test."""
    from openai_phi.reading.charts.helm_renderer import temporary_folder

    if shutil.which("helm"):
        yield ""
    else:
        with temporary_folder() as folder:
            yield folder


@contextmanager
def helm_on_path() -> Iterator[None]:
    """A helm on PATH of this process for the time of the test."""
    before = os.environ["PATH"]
    with helm_folder() as folder:
        os.environ["PATH"] = os.pathsep.join(p for p in (folder, before) if p)
        try:
            yield
        finally:
            os.environ["PATH"] = before

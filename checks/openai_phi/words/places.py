"""Where a fact stands: file, line and path."""

from __future__ import annotations

from dataclasses import dataclass, field

Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Place:
    """Where a fact was seen: file relative to the scan root, 1-based line (0: unknown), path."""

    file: str
    line: int
    path: str = ""
    written: tuple[str, int] = field(default=("", 0), compare=False)
    """File and line at which its value is written, if that is elsewhere: a module's caller, a values file."""

    @property
    def changed_at(self) -> Place:
        """Where a person changes it."""
        file, line = self.written
        return Place(file, line, self.path) if file else self

    def __str__(self) -> str:
        at = f"{self.file}:{self.line}" if self.line else self.file
        return f"{at} ({self.path})" if self.path else at


def show(path: Path) -> str:
    """A path as people write it: `spec.containers[0].env[OPENAI_API_KEY]`."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        else:
            out += f".{step}" if out else step
    return out

"""A report that is open in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Page


@dataclass
class Opened:
    """A report in a page, and everything that went wrong or out of it."""

    page: Page
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Notes what the page says, asks and requests from now on."""
        self.page.on("console", lambda m: self.troubles.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.troubles.append(str(e)))
        self.page.on("dialog", self._asked)
        self.page.on("request", lambda r: self.requests.append(r.url))

    def _asked(self, dialog: Dialog) -> None:
        self.troubles.append(dialog.message)
        dialog.dismiss()

    @property
    def rows(self) -> list[str]:
        """The names of the workloads whose rows are to be seen."""
        return [n.strip() for n in self.page.locator("tr.row:visible .name").all_inner_texts()]

    @property
    def nodes(self) -> list[str]:
        """What the nodes of the picture are called."""
        found = self.page.locator("#flow-canvas .node").all()
        return [str(n.get_attribute("aria-label")) for n in found]


Open = Callable[..., Opened]

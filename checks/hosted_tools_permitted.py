"""OAI_RETENTION_4: hosted tools are permitted for a project that PHI is sent to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class HostedToolsPermitted(Rule):
    id = "OAI_RETENTION_4"
    title = "Ensure that hosted tools are denied for projects with PHI"
    severity = "MEDIUM"
    why = "Hosted tools keep files, reach other parties or the open web; what a project may use, a change of code can switch on."
    law = ("45 CFR 164.308(a)(1)(ii)(B)", "GDPR Art. 25", "SOC 2 CC6.7")
    prove = "Deny the tools with `openai_project_hosted_tool_permissions` for the project that handles PHI."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.retention_findings import permitted_tools

        return permitted_tools(self, analysis)


publish(HostedToolsPermitted())

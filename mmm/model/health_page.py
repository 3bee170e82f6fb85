"""The health list of the fit page: every check, grouped by the question it answers, gravest first."""

from __future__ import annotations

from collections.abc import Sequence

from mmm.findings import Finding
from mmm.model.health_catalogue import Group, entry
from mmm.reporting import Check, CheckGroup, Checklist


def checklist(findings: Sequence[Finding]) -> Checklist:
    """Return all findings as a checklist; groups without a finding are left out."""
    groups: dict[Group, list[Check]] = {group: [] for group in Group}
    for finding in findings:
        known = entry(finding.name)
        title = f"{known.title} · {known.term}" if known.term else known.title
        groups[known.group].append(Check(finding, title, known.threshold, known.source))
    return Checklist([CheckGroup(str(group), checks) for group, checks in groups.items()])

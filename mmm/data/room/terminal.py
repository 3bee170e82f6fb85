"""The data report in a terminal: the verdict, findings gravest first, sources, the ledger, the next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mmm.data.log import counted
from mmm.data.panel import Panel
from mmm.data.privacy import safe
from mmm.data.report import LedgerLine, SourceAccount
from mmm.findings import Finding, Severity
from mmm.reporting.blocks import FindingsGroup, FindingsList
from mmm.reporting.numbers import money_short

STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan", Severity.OK: "green"}
#: Months of the ledger comparison, and kinds of notes, that are named.
_MOST_MONTHS = 5
_MOST_KINDS = 12
_INDENT = 8


def plain(text: str) -> str:
    """Take control characters out of what the file or the model file named: a terminal would obey them."""
    return safe(text, limit=1000)


def print_report(panel: Panel, lead: str, console: Console) -> None:
    """Print the report; names are never read as markup.

    Parameters
    ----------
    panel : Panel
    lead : str
        The verdict.
    console : Console
    """
    report = panel.report
    print_findings(lead, report.findings, console)
    if len(report.sources) > 1:
        print_sources(
            report.sources, f"{panel.n_weeks} weeks in the panel", panel.currency, panel.outcome_name, console
        )
    console.print(_ledger(panel))
    print_comparison(report.reconciled, panel.currency, console)


def print_findings(lead: str, findings: Sequence[Finding], console: Console) -> None:
    """Print a verdict and findings, gravest first; many of one kind are counted under the first of them.

    Parameters
    ----------
    lead : str
    findings : sequence of Finding
    console : Console
    """
    console.print(Text(lead, style="bold"))
    found = FindingsList(findings)
    _print_groups(found.grave, console)
    kinds = found.notes
    hidden = kinds[_MOST_KINDS:] if len(kinds) > _MOST_KINDS + 1 else ()
    _print_groups(kinds[: len(kinds) - len(hidden)], console)
    if hidden:
        notes = sum(len(group.shown) + len(group.folded) for group in hidden)
        told = Text(f"{'NOTE':{_INDENT}}", style=STYLE[Severity.NOTE])
        told.append(f"and {counted(notes, 'more note')} of {len(hidden)} kinds: see the report", style="default")
        console.print(told)
    _print_groups(found.passed, console)


def _print_groups(groups: Iterable[FindingsGroup], console: Console) -> None:
    for group in groups:
        for finding in group.shown:
            _print_finding(finding, console)
        if group.folded:
            told = Text(plain(group.more), style="dim")
            console.print(Padding(told, (0, 0, 0, _INDENT), expand=False))


def _print_finding(finding: Finding, console: Console) -> None:
    """Print severity, place and finding, and under it the next step where there is one."""
    line = Text(f"{finding.severity.upper():{_INDENT}}", style=STYLE[finding.severity])
    line.append(plain(f"{finding.where}: ") if finding.where else "", style="bold")
    line.append(plain(f"{finding.says} {finding.means}".rstrip()), style="default")
    console.print(line)
    if finding.severity is not Severity.OK and not finding.do.startswith("Nothing, if"):
        console.print(Padding(Text(f"→ {plain(finding.do)}", style="dim"), (0, 0, 0, _INDENT), expand=False))


def print_sources(
    accounts: Sequence[SourceAccount], span: str, currency: str, outcome: str, console: Console, noun: str = "week"
) -> None:
    """Print one line a source, narrow enough for 80 columns.

    Parameters
    ----------
    accounts : sequence of SourceAccount
    span : str
        How long the panel is, in words.
    currency, outcome : str
    console : Console
    noun : str
        What a period is called.
    """
    table = Table(title=f"Sources ({span})", title_justify="left")
    table.add_column("", max_width=22, overflow="ellipsis", no_wrap=True)
    for label in ("files", "rows", f"{noun}s", "until", "spend"):
        table.add_column(label, justify="right", no_wrap=True)
    for account in accounts:
        spend = [read for name, read in account.money_in.items() if name != outcome]
        table.add_row(
            Text(plain(account.source)),
            f"{len(account.files):,}",
            f"{account.rows_in:,}",
            f"{sum(rows > 0 for rows in account.rows_by_period):,}",
            str(account.last_day or ""),
            money_short(sum(spend), currency) if spend else "",
        )
    console.print(table)


def _ledger(panel: Panel) -> Table:
    ledger = panel.report.ledger
    table = Table(title=f"Spend in {panel.currency}, and rows", title_justify="left")
    table.add_column("")
    for label in ("in", "used", "excluded"):
        table.add_column(label, justify="right")
    out = ledger.rows_in - ledger.rows_used
    table.add_row("rows", f"{ledger.rows_in:,}", f"{ledger.rows_used:,}", f"{out:,}")
    for name, read in ledger.spend_in.items():
        used = ledger.spend_used.get(name, 0.0)
        table.add_row(Text(plain(name)), f"{read:,.2f}", f"{used:,.2f}", f"{read - used:,.2f}")
    return table


def print_comparison(lines: Sequence[LedgerLine], currency: str, console: Console) -> None:
    """Say how many months agree with the company's ledger, and the largest differences; nothing without a ledger."""
    if not lines:
        return
    whole = [line for line in lines if line.whole]
    apart = sorted((line for line in whole if not line.agrees), key=lambda line: -abs(line.difference))
    told = f"{len(whole) - len(apart)} of {counted(len(whole), 'whole month')} agree with the ledger, by channel."
    console.print(Text(told))
    for line in apart[:_MOST_MONTHS]:
        console.print(
            Text(
                f"  {line.month}  {plain(line.channel)}: ledger {line.ledger:,.2f}, panel {line.panel:,.2f} "
                f"({line.difference:+,.2f} {currency})"
            )
        )
    if len(apart) > _MOST_MONTHS:
        console.print(Text(f"  and {counted(len(apart) - _MOST_MONTHS, 'more month')}: see the report"))

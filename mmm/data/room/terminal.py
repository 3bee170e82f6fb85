"""The data report in a terminal: the verdict, findings gravest first, sources, the ledger, the next step."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mmm.data.log import counted
from mmm.data.panel import Panel
from mmm.data.privacy import safe
from mmm.data.room.sections import RoomView
from mmm.findings import Finding, Severity
from mmm.reporting.numbers import money_short

STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan", Severity.OK: "green"}
#: Months of the ledger comparison, and notes, that are named.
_MOST_MONTHS = 5
_MOST_NOTES = 12
_INDENT = 8


def plain(text: str) -> str:
    """Take control characters out of what the file or the model file named: a terminal would obey them."""
    return safe(text, limit=1000)


def print_report(panel: Panel, view: RoomView, lead: str, console: Console) -> None:
    """Print the report; names are never read as markup.

    Parameters
    ----------
    panel : Panel
    view : RoomView
    lead : str
        The verdict.
    console : Console
    """
    console.print(Text(lead, style="bold"))
    notes = [finding for finding in panel.report.findings if finding.severity is Severity.NOTE]
    hidden = notes[_MOST_NOTES:] if len(notes) > _MOST_NOTES + 1 else []
    for finding in panel.report.findings:
        if any(finding is one for one in hidden):
            continue
        _print_finding(finding, console)
        if hidden and finding is notes[_MOST_NOTES - 1]:
            told = Text(f"{'NOTE':{_INDENT}}", style=STYLE[Severity.NOTE])
            told.append(f"and {counted(len(hidden), 'more note')}: see the report", style="default")
            console.print(told)
    if len(view.accounts) > 1:
        console.print(_sources(panel, view))
    console.print(_ledger(panel))
    if panel.report.reconciled:
        _print_comparison(panel, console)


def _print_finding(finding: Finding, console: Console) -> None:
    """Print severity, place and finding, and under it the next step where there is one."""
    line = Text(f"{finding.severity.upper():{_INDENT}}", style=STYLE[finding.severity])
    line.append(plain(f"{finding.where}: ") if finding.where else "", style="bold")
    line.append(plain(f"{finding.says} {finding.means}".rstrip()), style="default")
    console.print(line)
    if finding.severity is not Severity.OK and not finding.do.startswith("Nothing, if"):
        console.print(Padding(Text(f"→ {plain(finding.do)}", style="dim"), (0, 0, 0, _INDENT), expand=False))


def _sources(panel: Panel, view: RoomView) -> Table:
    """Show one line a source, narrow enough for 80 columns."""
    table = Table(title=f"Sources ({panel.n_weeks} weeks in the panel)", title_justify="left")
    table.add_column("", max_width=22, overflow="ellipsis", no_wrap=True)
    for label in ("files", "rows", "weeks", "until", "spend"):
        table.add_column(label, justify="right", no_wrap=True)
    weeks = dict(zip(view.coverage.sources, (view.coverage.rows > 0).sum(axis=1).tolist(), strict=True))
    for account in view.accounts:
        spend = [read for name, read in account.money_in.items() if name != panel.outcome_name]
        table.add_row(
            Text(plain(account.source)),
            f"{len(account.files):,}",
            f"{account.rows_in:,}",
            f"{weeks.get(account.source, 0)}",
            str(account.last_day or ""),
            money_short(sum(spend), panel.currency) if spend else "",
        )
    return table


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


def _print_comparison(panel: Panel, console: Console) -> None:
    """Say how many months agree with the company's ledger, and the largest differences."""
    whole = [line for line in panel.report.reconciled if line.whole]
    apart = sorted((line for line in whole if not line.agrees), key=lambda line: -abs(line.difference))
    told = f"{len(whole) - len(apart)} of {counted(len(whole), 'whole month')} agree with the ledger, by channel."
    console.print(Text(told))
    for line in apart[:_MOST_MONTHS]:
        console.print(
            Text(
                f"  {line.month}  {plain(line.channel)}: ledger {line.ledger:,.2f}, panel {line.panel:,.2f} "
                f"({line.difference:+,.2f} {panel.currency})"
            )
        )
    if len(apart) > _MOST_MONTHS:
        console.print(Text(f"  and {counted(len(apart) - _MOST_MONTHS, 'more month')}: see the report"))

"""What a panel's lineage says of its sources, put into its data report: rows by week, currencies, weeks that lack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mmm.arrays import WeekArray
from mmm.data.columns import is_money
from mmm.data.panel import Panel
from mmm.data.report import SourceAccount
from mmm.data.room.coverage import coverage, coverage_findings, coverage_of
from mmm.data.room.figures import role_of
from mmm.data.spec import PanelSpec
from mmm.findings import by_severity

if TYPE_CHECKING:
    import pyarrow as pa


def with_sources(panel: Panel, spec: PanelSpec, table: pa.Table) -> Panel:
    """Return a panel whose report says what came from where; a check shows it, and a fit keeps it.

    Parameters
    ----------
    panel : Panel
    spec : PanelSpec
    table : pyarrow.Table
        Its lineage.

    Returns
    -------
    Panel
        Its report holds an account for each source, or for the one file, with rows by week and currencies; of sources
        also findings on weeks that they lack.
    """
    accounts = counted_by_period(panel.report.sources or (_of_file(panel, spec, table),), spec, table, panel.weeks)
    found = coverage_of(accounts, panel.weeks)
    missing = coverage_findings(found) if spec.sources and found is not None else ()
    findings = by_severity([*panel.report.findings, *missing])
    return replace(panel, report=replace(panel.report, sources=accounts, findings=findings))


def counted_by_period(
    accounts: Sequence[SourceAccount], spec: PanelSpec, table: pa.Table, periods: WeekArray
) -> tuple[SourceAccount, ...]:
    """Return accounts with their rows by period and the currencies of their money.

    Parameters
    ----------
    accounts : sequence of SourceAccount
    spec : PanelSpec
    table : pyarrow.Table
        Cells: a lineage, or those of a joined table.
    periods : (T,) datetime64[D]
        First days.
    """
    names = [account.source for account in accounts]
    rows = coverage(table, periods, names).rows.tolist()
    codes = _currencies(table, spec, names)
    return tuple(
        replace(account, rows_by_period=tuple(own), currencies=codes[account.source])
        for account, own in zip(accounts, rows, strict=True)
    )


def _of_file(panel: Panel, spec: PanelSpec, table: pa.Table) -> SourceAccount:
    """Return the account of a single file."""
    import pyarrow.compute as pc  # noqa: PLC0415

    ledger = panel.report.ledger
    return SourceAccount(
        source=spec.data_name,
        files=(spec.data_name,),
        rows_in=ledger.rows_in,
        rows_used=ledger.rows_used,
        first_day=pc.min(table["first_day"]).as_py(),
        last_day=pc.max(table["last_day"]).as_py(),
        money_in=dict(ledger.spend_in),
        money_used=dict(ledger.spend_used),
        money_excluded={name: sum(item.spend.get(name, 0.0) for item in ledger.excluded) for name in ledger.spend_in},
    )


def _currencies(table: pa.Table, spec: PanelSpec, names: list[str]) -> dict[str, tuple[str, ...]]:
    """Return source → currencies of its money, as far as the lineage says; the panel's own where it says none."""
    roles = role_of(spec)
    found: dict[str, set[str]] = {name: set() for name in names}
    pairs = table.group_by(["source", "series", "currency"]).aggregate([])
    for line in pairs.to_pylist():
        if line["source"] in found and line["series"] in roles and is_money(roles[line["series"]], spec):
            found[line["source"]].add(line["currency"] or spec.currency)
    return {name: tuple(sorted(codes)) for name, codes in found.items()}

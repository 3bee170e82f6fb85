"""From a panel and its lineage to what the data report shows of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmm.data.columns import is_money
from mmm.data.panel import Panel
from mmm.data.report import SourceAccount
from mmm.data.room.coverage import coverage
from mmm.data.room.figures import role_of
from mmm.data.room.sections import RoomView
from mmm.data.spec import PanelSpec

if TYPE_CHECKING:
    import pyarrow as pa


def accounts_of(panel: Panel, spec: PanelSpec, table: pa.Table) -> tuple[SourceAccount, ...]:
    """Return the accounts of the sources; a single file is one source.

    Parameters
    ----------
    panel : Panel
    spec : PanelSpec
    table : pyarrow.Table
        Lineage.
    """
    if panel.report.sources:
        return panel.report.sources
    import pyarrow.compute as pc  # noqa: PLC0415

    ledger = panel.report.ledger
    out = {name: sum(item.spend.get(name, 0.0) for item in ledger.excluded) for name in ledger.spend_in}
    return (
        SourceAccount(
            source=spec.data_name,
            files=(spec.data_name,),
            rows_in=ledger.rows_in,
            rows_used=ledger.rows_used,
            first_day=pc.min(table["first_day"]).as_py(),
            last_day=pc.max(table["last_day"]).as_py(),
            money_in=dict(ledger.spend_in),
            money_used=dict(ledger.spend_used),
            money_excluded=out,
        ),
    )


def room_view(panel: Panel, spec: PanelSpec, table: pa.Table) -> RoomView:
    """Return what the page and the terminal show of sources.

    Parameters
    ----------
    panel : Panel
    spec : PanelSpec
    table : pyarrow.Table
        Lineage.
    """
    accounts = accounts_of(panel, spec, table)
    names = [account.source for account in accounts]
    return RoomView(accounts, coverage(table, panel.weeks, names), _currencies(table, spec, names))


def _currencies(table: pa.Table, spec: PanelSpec, names: list[str]) -> dict[str, tuple[str, ...]]:
    """Return source → currencies of its money, as far as the lineage says; the panel's own where it says none."""
    roles = role_of(spec)
    found: dict[str, set[str]] = {name: set() for name in names}
    pairs = table.group_by(["source", "series", "currency"]).aggregate([])
    for line in pairs.to_pylist():
        if line["source"] in found and line["series"] in roles and is_money(roles[line["series"]], spec):
            found[line["source"]].add(line["currency"] or spec.currency)
    return {name: tuple(sorted(codes)) for name, codes in found.items()}

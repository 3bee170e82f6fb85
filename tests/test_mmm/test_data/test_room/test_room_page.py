"""The data report of several sources: in a real browser with names of other scripts, and in 80 columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from mmm.data import PanelSpec
from mmm.data.check_page import data_page, verdict
from mmm.data.panel import Panel
from mmm.data.room.coverage import Coverage
from mmm.data.room.lineage import lineage
from mmm.data.room.pictures import coverage_chart, together_chart
from mmm.data.room.sections import RoomView
from mmm.data.room.terminal import print_report
from mmm.data.room.view import room_view
from mmm.data.watch_together import together
from mmm.reporting import write_page
from tests.browser import look, needs_browser
from tests.test_mmm.test_data.book import by_geo, geo_spec, read
from tests.test_mmm.test_data.test_joining import facts as made

SEARCH, SOCIAL = "البحث المدفوع", "テレビ広告"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Panel, RoomView, PanelSpec]:
    """Return a panel of two sources in dollars and zloty, with a ledger that differs in one month."""
    folder = tmp_path_factory.mktemp("room")
    ledger = "month,channel,spend\n" + "".join(
        f"2024-{month:02},{name},{1000 if month == 3 else 0}\n" for month in (2, 3) for name in (SEARCH, SOCIAL)
    )
    (folder / "ledger.csv").write_text(ledger, encoding="utf-8")
    declared = made.spec(
        channels={SEARCH: {"spend": f"{SEARCH}_spend"}, SOCIAL: {"spend": f"{SOCIAL}_spend"}},
        sources={"ads": {"file": "ads", "date": "day", "channel": "c", "rates": {"USD": 0.9}}},
        join={"ledger": {"file": "ledger.csv"}},
    )
    rows = []
    for name, step in ((SEARCH, 5), (SOCIAL, 7)):
        rows += made.daily({"spend": lambda t, step=step: 10.0 + t // 7 % step}, label=name, currency="USD")
    room = made.room(folder, [made.till(), made.facts("ads", rows)], declared)
    return room.panel, room_view(room.panel, declared, lineage(room.joined.cells, room.panel, declared)), declared


@needs_browser
@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_in_a_browser(width: int, shown: tuple[Panel, RoomView, PanelSpec], tmp_path: Path) -> None:
    panel, view, _ = shown
    path = write_page(data_page(panel, "2 sources", view), tmp_path / "report.html")
    assert path.stat().st_size < 6_000_000
    seen = look(path, width)
    assert seen.overflow <= 0
    assert seen.charts == seen.drawn >= 5
    assert seen.messages == []
    assert seen.requests == []
    assert seen.contrast_failures == []
    for words in (
        "Where it came from",
        "2 sources in 2 files",
        "USD",
        "The company's ledger",
        "Is there enough",
        SEARCH,
    ):
        assert words in seen.text


def test_the_terminal_keeps_to_80_columns(
    shown: tuple[Panel, RoomView, PanelSpec], capsys: pytest.CaptureFixture[str]
) -> None:
    panel, view, _ = shown
    print_report(panel, view, verdict(panel), Console(width=80, highlight=False, markup=False))
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    for words in ("Sources (26 weeks in the panel)", "ads", "364", "EUR", "agree with the ledger", SOCIAL):
        assert words in printed


def test_sources_and_ledger_on_the_page_add_up(shown: tuple[Panel, RoomView, PanelSpec]) -> None:
    panel, view, _ = shown
    assert view.currencies == {"ads": ("USD",), "till": ("EUR",)}
    for account in view.accounts:
        for name, read_in in account.money_in.items():
            assert read_in == pytest.approx(account.money_used[name] + account.money_excluded[name])
    assert sum(account.rows_in for account in view.accounts) == panel.report.ledger.rows_in


def test_the_map_of_weeks_shows_missing_ones() -> None:
    rows = np.array([[4, 4, 0, 2, 4]])
    weeks = np.arange("2024-01-01", "2024-02-05", 7, dtype="datetime64[D]")
    chart = coverage_chart(Coverage(weeks, ("<b>ads</b>",), rows))
    heat = chart.figure.data[0]
    assert list(heat.z[0]) == [1.0, 1.0, -0.2, 0.5, 1.0]
    assert heat.customdata[0][2] == "&lt;b&gt;ads&lt;/b&gt;, 2024-01-15: no row"
    assert "no row (1 of 5 source-weeks)" in chart.caption


def test_the_map_of_correlations_holds_every_pair(tmp_path: Path) -> None:
    panel = read(tmp_path, by_geo(), geo_spec("geo"))
    found = together(panel)
    heat = together_chart(found).figure.data[0]
    assert heat.z[0][0] is None
    assert heat.z[0][1] == pytest.approx(found.correlation[0, 1])
    assert heat.text[1][0] == f"{found.correlation[0, 1]:.2f}"

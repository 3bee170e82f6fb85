"""The data report of several sources: in a real browser with names of other scripts, and in 80 columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from mmm.data.check_page import data_page, verdict
from mmm.data.panel import Panel
from mmm.data.report import Excluded
from mmm.data.room.coverage import Coverage
from mmm.data.room.lineage import lineage
from mmm.data.room.pictures import coverage_chart, together_chart
from mmm.data.room.sections import excluded_table
from mmm.data.room.terminal import print_findings, print_report
from mmm.data.room.view import with_sources
from mmm.data.watch_together import together
from mmm.findings import Finding, Severity
from mmm.reporting import write_page
from tests.browser import look, needs_browser
from tests.test_mmm.test_data.book import by_geo, geo_spec, read
from tests.test_mmm.test_data.test_joining import facts as made

SEARCH, SOCIAL = "البحث المدفوع", "テレビ広告"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Panel:
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
    return with_sources(room.panel, declared, lineage(room.joined.cells, room.panel, declared))


@needs_browser
@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_in_a_browser(width: int, shown: Panel, tmp_path: Path) -> None:
    path = write_page(data_page(shown, "2 sources"), tmp_path / "report.html")
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


def test_the_terminal_keeps_to_80_columns(shown: Panel, capsys: pytest.CaptureFixture[str]) -> None:
    print_report(shown, verdict(shown), Console(width=80, highlight=False, markup=False))
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    for words in ("Sources (26 weeks in the panel)", "ads", "364", "EUR", "agree with the ledger", SOCIAL):
        assert words in printed


def test_sources_and_ledger_on_the_page_add_up(shown: Panel) -> None:
    accounts = shown.report.sources
    assert {one.source: one.currencies for one in accounts} == {"ads": ("USD",), "till": ("EUR",)}
    assert {len(one.rows_by_period) for one in accounts} == {shown.n_weeks}
    for account in accounts:
        for name, read_in in account.money_in.items():
            assert read_in == pytest.approx(account.money_used[name] + account.money_excluded[name])
    assert sum(account.rows_in for account in accounts) == shown.report.ledger.rows_in


def _note(name: str, says: str, where: str = "", means: str = "", do: str = "Nothing, if so.") -> Finding:
    return Finding(name, Severity.NOTE, says, do, means, where)


NOTES = (
    *(_note("decimal_comma", f"{i} cells were read with a decimal comma.", f"ads/{i:03}.csv") for i in range(120)),
    *(_note("total", "1 row excluded: a total row.", f"ads/{i:03}.csv", do="Compare it.") for i in range(90)),
    _note("steady", "'tv' hardly moves.", "tv", means="Its return rests on its prior."),
    Finding("gap", Severity.WARNING, "A week lacks.", "Ask for it."),
)


def test_a_hundred_files_keep_the_terminal_short(capsys: pytest.CaptureFixture[str]) -> None:
    """The same kind of note is counted, what may matter stands first, and nothing of it is lost from the counts."""
    print_findings("Lead.", NOTES, Console(width=80, highlight=False, markup=False))
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["Lead.", "WARNING A week lacks."]
    kinds = [line for line in printed if line.startswith("NOTE")]
    assert [line.split(":")[0] for line in kinds] == ["NOTE    tv", "NOTE    ads/000.csv", "NOTE    ads/000.csv"]
    text = " ".join(" ".join(printed).split())
    assert "and 119 more of this kind: ads/001.csv; ads/002.csv; ads/003.csv and 116 more places" in text
    assert "and 89 more of this kind" in text
    assert len(printed) < 20


def test_many_kinds_of_notes_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    notes = [_note(f"kind {i // 2}", f"Note {i}.", f"file {i}") for i in range(50)]
    print_findings("Lead.", notes, Console(width=80, highlight=False, markup=False))
    printed = capsys.readouterr().out
    assert printed.count("NOTE") == 13
    assert "and 26 more notes of 13 kinds: see the report" in printed


def test_a_long_list_of_what_is_not_used_is_gathered_by_reason() -> None:
    rows = [Excluded(f"ads/{i:03}.csv, row 9", "a total row", 1, {"tv": 2.0}) for i in range(100)]
    rows.append(Excluded("till.csv, row 3", "a copy", 4, {"revenue": 9.0}))
    (table,) = excluded_table(rows, "EUR")
    assert [tuple(row) for row in table.rows] == [
        ("ads/000.csv, row 9 and 99 other places", "a total row", "100", "EUR\u00a0200.00"),
        ("till.csv, row 3", "a copy", "4", "EUR\u00a09.00"),
    ]
    assert len(excluded_table(rows[:10], "EUR")[0].rows) == 10
    assert excluded_table((), "EUR") == ()


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

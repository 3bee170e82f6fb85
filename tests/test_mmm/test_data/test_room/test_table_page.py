"""The data report of tables by day and by month: the page and the terminal, with what needs weeks left out."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from mmm.data import PanelSpec
from mmm.data.check_command import run as check
from mmm.runs import open_run
from tests.browser import look, needs_browser

FIRST = date(2024, 1, 1)
MODEL = """
data: {outcome: revenue, geo: region}
sources:
  till: {file: till.csv, date: day, geo: region}
  ads:  {file: ads, date: day, channel: campaign, geo: region}
  chat: {file: chat.csv, date: day, geo: region}
join: {grain: GRAIN, ledger: {file: ledger.csv}}
channels:
  tv:     {spend: tv_spend}
  search: {spend: search_spend}
  chat:   {volume: chats, cost_of_service: 2.5}
controls: [price]
currency: EUR
"""
LAST, GAP = 182, range(60, 75)


def project(folder: Path, grain: str) -> Path:
    """Write a till and a chat by day and region, and advertisements in a file a month with a fortnight's gap."""
    days = [FIRST + timedelta(t) for t in range(LAST)]
    regions = ("Śląsk", "north")
    till = [f"{day},{name},{900 + t % 9},{10 + t % 3}" for t, day in enumerate(days) for name in regions]
    chat = [f"{day},{name},{20 + t % 5}" for t, day in enumerate(days) for name in regions]
    (folder / "till.csv").write_text("\n".join(["day,region,revenue,price", *till]) + "\n", encoding="utf-8")
    (folder / "chat.csv").write_text("\n".join(["day,region,chats", *chat]) + "\n", encoding="utf-8")
    (folder / "ads").mkdir()
    for month in range(1, 7):
        rows = [
            f"{day},{label},{name},{10 + t % 4}"
            for t, day in enumerate(days)
            for label in ("tv", "search")
            for name in regions
            if day.month == month and t not in GAP
        ]
        text = "\n".join(["day,campaign,region,spend", *rows]) + "\n"
        (folder / "ads" / f"2024-{month:02}.csv").write_text(text, encoding="utf-8")
    (folder / "ledger.csv").write_text("month,channel,spend\n2024-02,tv,1\n2024-04,tv,1\n", encoding="utf-8")
    model = MODEL.replace("GRAIN", grain).replace("controls", "#controls" if grain == "none" else "controls")
    (folder / "model.yaml").write_text(model.replace("outcome: revenue,", "outcome: revenue, gaps: no_spend,"))
    return folder / "model.yaml"


@needs_browser
@pytest.mark.parametrize(("grain", "width"), [("day", 1280), ("month", 400)])
def test_the_page_in_a_browser(grain: str, width: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(project(tmp_path, grain), None, spec_class=PanelSpec, quiet=False, as_json=False)
    open_run(tmp_path / "check", command="check")
    seen = look(tmp_path / "check" / "report.html", width)
    assert seen.overflow <= 0
    assert seen.charts == seen.drawn == 5
    assert seen.messages == seen.requests == seen.contrast_failures == []
    for words in (
        f"Data report: 3 sources, by {grain}",
        f"{grain.title()}s that each source covers",
        f"Outcome by {grain}, in EUR, all geos together",
        f"Highest {grain}",
        "The company's ledger",
        "What this page leaves out",
        "Models are fitted to weeks: remove join.grain to fit one.",
    ):
        assert words in seen.text
    assert "Is there enough to learn from?" not in seen.text
    assert "season" not in seen.text.replace("the season, odd weeks", "")
    out = capsys.readouterr().out
    printed = " ".join(out.split())
    assert f"The table by {grain} can be used: " in printed
    assert f"{grain}s from 2024-01-01" in printed
    assert "agree with the ledger" in printed
    assert "report.html" in "".join(out.split())  # a long path is broken


def test_its_figures_are_those_of_the_table(tmp_path: Path) -> None:
    """Money of an owned channel is its volume times its cost; a gap in a source is said by day."""
    check(project(tmp_path, "day"), None, spec_class=PanelSpec, quiet=True, as_json=False)
    report = json.loads((tmp_path / "check" / "data_report.json").read_text(encoding="utf-8"))
    (gap,) = [one for one in report["findings"] if one["name"] == "source_gap"]
    assert gap["says"].startswith("'ads' has no row in 15 days between its first and last: 2024-03-01")
    assert report["coverage"]["sources"]["ads"]["rows"][59:62] == [4, 0, 0]
    text = (tmp_path / "check" / "report.html").read_text(encoding="utf-8")
    chats = 2 * sum(20 + t % 5 for t in range(LAST))
    assert f"EUR\u00a0{2.5 * chats:,.0f}" in text

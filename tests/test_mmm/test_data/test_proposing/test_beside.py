"""What stands beside the sources of a proposal: owned channels, answers to the check's refusals, a brief, scenarios."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from mmm.data import read_panel
from mmm.data.proposing.command import run
from mmm.data.proposing.words import Speaks, speaks_of
from mmm.exceptions import SpecError
from optimizer.brief import Brief
from simulations.scenario import ScenarioSet
from tests.test_mmm.test_data.test_proposing.proposed import (
    TODAY,
    answered,
    platform,
    propose,
    spec_of,
    weeks,
    wide,
    write,
)

OWNED = ["week", "revenue", "tv_spend", "support_chats", "cost_per_chat", "emails_sent", "word_of_mouth"]
META = "Hari,Nama kampanye,Jumlah yang dibelanjakan (IDR),Impresi,Klik tautan"


def owned(path: Path) -> Path:
    rows = [
        [day, 9_000 + 7 * (i % 11), 400 * (i % 3), 90 + i, 3.5, 5_000 * (i % 4), 7 + i % 5] for i, day in weeks_of()
    ]
    return write(path, [list(OWNED), *rows])


def weeks_of() -> list[tuple[int, date]]:
    return list(enumerate(weeks()))


def test_a_service_with_its_cost_is_a_channel_and_one_without_is_told_how_to_become_one(tmp_path: Path) -> None:
    text = propose(tmp_path / "shop", owned(tmp_path / "weekly.csv"))
    spec = spec_of(text)
    assert (spec.channels["support_chats"].volume, spec.channels["support_chats"].cost_of_service) == (
        "support_chats",
        "cost_per_chat",
    )
    assert spec.organic == ("word_of_mouth", "emails_sent")
    assert "#   emails_sent: {volume: emails_sent, cost_of_service: …}" in text
    assert "word_of_mouth: {volume" not in text
    panel = read_panel(spec, tmp_path / "shop", today=TODAY)
    assert panel.spend[panel.channels.index("support_chats")].sum() == pytest.approx(
        3.5 * sum(90 + i for i in range(60))
    )
    # As it says: out of organic, and the money for one unit in place of the dots.
    priced = text.replace(", emails_sent]", "]").replace("#   emails_sent: {", "emails_sent: {").replace("…}", "0.002}")
    panel = read_panel(spec_of(priced), tmp_path / "shop", today=TODAY)
    assert panel.spend[panel.channels.index("emails_sent")].sum() == pytest.approx(0.002 * 5_000 * 6 * 15)


@pytest.mark.parametrize(
    ("header", "series"),
    [("Send date,Campaign,Recipients,Opens,Clicks", "email_sends"), ("date,calls,answered calls,chats", "calls")],
    ids=["an e-mail tool", "a call centre"],
)
def test_counts_of_a_tool_without_money_are_told_how_to_get_a_cost(tmp_path: Path, header: str, series: str) -> None:
    mails = header.startswith("Send")
    days = [date(2025, 1, 6) + timedelta(days=i) for i in range(420)]
    cells = [[day, *([f"News {i}"] if mails else []), 900 + i, 90 + i, 9 + i] for i, day in enumerate(days)]
    tool = write(tmp_path / "tool.csv", [header.split(","), *cells])
    text = propose(tmp_path / "shop", tool, wide(tmp_path / "sales.csv"))
    assert series in spec_of(text).organic
    assert f"#   {series}: {{volume: {series}, cost_of_service: …}}" in text
    priced = "\n".join(line for line in text.splitlines() if not line.startswith("organic:"))
    priced = priced.replace(f"#   {series}: {{", f"{series}: {{").replace("…}", "2.5}")
    assert series in read_panel(spec_of(priced), tmp_path / "shop", today=TODAY).channels


def test_what_a_unit_costs_is_no_spend() -> None:
    names = ("cost_per_chat", "Koszt za wizytę", "Kosten pro Anruf", "unit_cost")
    assert {speaks_of(name) for name in names} == {Speaks.SERVICE}
    assert speaks_of("cost") is Speaks.SPEND


def test_a_brief_and_scenarios_are_written_for_the_weeks_after_the_data(tmp_path: Path) -> None:
    text = propose(tmp_path / "shop", wide(tmp_path / "weekly.csv"))
    panel = read_panel(spec_of(text), tmp_path / "shop", today=TODAY)
    brief = Brief.from_yaml(tmp_path / "shop" / "brief.yaml")
    scenarios = ScenarioSet.from_yaml(tmp_path / "shop" / "scenarios.yaml")
    after = date.fromisoformat(str(panel.weeks[-1])) + timedelta(days=7)
    assert brief.horizon.start == scenarios.horizon.start == after
    assert brief.budget.total == pytest.approx(panel.spend[..., -13:].sum(), rel=0.05)
    assert set(scenarios.scenarios) == {"less_tv", "less_search", "tv_to_search", "weak_demand"}


def test_they_are_written_where_questions_are_open_and_channels_have_any_name(tmp_path: Path) -> None:
    rows = [["date", "channel", "spend"], *([str(day), name, 5] for day in weeks() for name in ("TV: “a”", "تلفزيون"))]
    sales = wide(tmp_path / "sales.csv", first=date(2025, 1, 5))
    propose(tmp_path / "shop", write(tmp_path / "media.csv", rows), sales)
    brief = Brief.from_yaml(tmp_path / "shop" / "brief.yaml")
    assert (brief.horizon.start, brief.budget.total) == (date(2026, 2, 23), None)
    assert len(ScenarioSet.from_yaml(tmp_path / "shop" / "scenarios.yaml").scenarios) == 4


@pytest.mark.parametrize("name", ["brief.yaml", "scenarios.yaml"])
def test_a_brief_that_is_there_is_kept(tmp_path: Path, name: str) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / name).write_text("mine")
    with pytest.raises(SpecError, match=f"'{name}' is here already"):
        run(tmp_path / "shop", [wide(tmp_path / "weekly.csv")], quiet=True, today=TODAY)
    assert [path.name for path in (tmp_path / "shop").iterdir()] == [name]


def test_several_rows_a_day_are_asked_about_and_the_answer_is_enough(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "till.sqlite")) as till, till:
        till.execute("CREATE TABLE receipts (week TEXT, store TEXT, orders INT, price REAL)")
        for i, day in weeks_of():
            till.executemany("INSERT INTO receipts VALUES (?, ?, ?, ?)", [(str(day), s, 9 + i, 2.5) for s in "ab"])
        till.execute("UPDATE receipts SET orders = 1 WHERE store = 'b'")
    media = platform(tmp_path / "google.csv", "Day,Campaign,Cost,Impr.,Clicks")
    text = propose(tmp_path / "shop", tmp_path / "till.sqlite", media)
    panel = read_panel(spec_of(answered(text, "repeats: add")), tmp_path / "shop", today=TODAY)
    assert panel.outcome.sum() == pytest.approx(sum(10 + i for i in range(panel.n_weeks)))


@pytest.mark.parametrize(("answer", "count"), [("overlap: true", 26), ("gaps: no_spend", 60)])
def test_what_the_check_would_refuse_is_a_question_with_its_answer(tmp_path: Path, answer: str, count: int) -> None:
    days = weeks()[:26] if "overlap" in answer else weeks()[::4]
    fairs = write(tmp_path / "fairs.csv", [["date", "cost"], *([day, 500 + i] for i, day in enumerate(days))])
    text = propose(tmp_path / "shop", fairs, wide(tmp_path / "sales.csv"))
    assert spec_of(text).channels["fairs"].spend == "cost"
    panel = read_panel(spec_of(answered(text, answer)), tmp_path / "shop", today=TODAY)
    assert panel.n_weeks in (count, count - 3)


def test_exports_of_meta_in_indonesian_are_known_and_rupiah_are_no_micros(tmp_path: Path) -> None:
    meta = platform(tmp_path / "ekspor.csv", META, 700_000)
    text = propose(tmp_path / "shop", meta, wide(tmp_path / "sales.csv", sign=""))
    assert "micros" not in text
    assert (spec_of(text).sources["ekspor"].preset, spec_of(text).currency) == ("meta", "IDR")


def test_a_column_that_a_preset_does_not_use_is_no_channel(tmp_path: Path) -> None:
    rows = [["التاريخ", "المبيعات", "x1"], *([day, 900 + i, 3] for i, day in weeks_of())]
    text = propose(tmp_path / "shop", write(tmp_path / "till.csv", rows))
    assert list(spec_of(text).channels) == ["media"]

"""Counts are those of pandas, from every kind of file, and every row is used or listed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from mmm.data.events.spec import OTHER
from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.test_events.world import METRICS, Read, people_log, read, weeks_of

CHANNELS = {name: {"spend": f"{name}_cost"} for name in ("search", "tv")}


def brute(log: pd.DataFrame) -> dict[tuple[object, ...], float]:
    """Count what pandas counts, in cells of at least 50 people."""
    log = log.assign(week=weeks_of(log))
    found: dict[tuple[object, ...], float] = {}
    for kind, names in (("touch", ("visits", "visitors")), ("purchase", ("revenue",))):
        own = log[log["event"] == kind]
        for (week, geo, channel), cell in own.groupby(["week", "geo", "channel"]):
            if cell["person"].nunique() >= 50:
                told = (len(cell), cell["person"].nunique()) if kind == "touch" else (cell["value"].sum(),)
                found |= {(week, geo, channel, name): value for name, value in zip(names, told, strict=True)}
    return found


def conserved(done: Read) -> None:
    """Rows in = used + listed, money in = used + listed."""
    (file,) = done.facts.files
    assert file.rows_in == file.rows_used + sum(one.rows for one in done.log.excluded)
    cells = done.table.drop_duplicates("row")
    assert file.rows_used == cells["rows"].sum()
    for (metric, _), money in done.facts.money_in.items():
        used = done.table.loc[done.table["metric"] == metric, "value"].sum()
        left = sum(one.spend.get(metric, 0.0) for one in done.log.excluded)
        assert money == pytest.approx(used + left, rel=1e-12)


def shown_singly(done: Read) -> dict[tuple[object, ...], float]:
    return {key: value for key, value in done.figures().items() if key[2] != OTHER and value}


@pytest.mark.parametrize("form", ["csv", "semicolons", "parquet", "folder", "duckdb", "query"])
def test_counts_are_those_of_pandas(tmp_path: Path, form: str) -> None:
    log = people_log(1)
    done = _in_form(tmp_path, log, form)
    assert shown_singly(done) == pytest.approx(brute(log))
    conserved(done)
    assert done.facts.money_in["revenue", "EUR"] == pytest.approx(log["value"].sum())
    assert done.finding("events_counted").startswith(f"{done.facts.files[0].rows_used:,} rows of single events were")
    assert ("events_files" in done.names()) == (form == "folder")
    assert "stand in 'other (merged)' in 1 cell;" in done.finding("events_merged")


def _in_form(folder: Path, log: pd.DataFrame, form: str) -> Read:
    typed = log.assign(time=pd.to_datetime(log["time"]))
    if form == "csv":
        return read(folder, log)
    if form == "semicolons":
        log.to_csv(folder / "log.csv", sep=";", index=False, encoding="utf-8-sig")
        return read(folder)
    if form == "parquet":
        return read(folder, typed, file="log.parquet")
    if form == "folder":
        (folder / "months").mkdir()
        log.iloc[:2000].to_csv(folder / "months" / "a.csv", index=False)
        log.iloc[2000:, ::-1].to_csv(folder / "months" / "b.csv", index=False)
        return read(folder, file="months/*.csv")
    with duckdb.connect(str(folder / "shop.duckdb")) as database:
        database.register("typed", typed)
        database.execute("CREATE TABLE touches AS SELECT * FROM typed")
    asked = {"table": "touches"} if form == "duckdb" else {"query": "SELECT * FROM touches WHERE person IS NOT NULL"}
    return read(folder, file="shop.duckdb", source=asked)


def test_names_are_gathered_before_people_are_counted(tmp_path: Path) -> None:
    log = people_log(2, channels={"Brand A": 0.3, "brand b": 0.3, "SEARCH ": 0.4})
    join = {"campaigns": {"Brand *": "tv"}, "geos": {"*": "all"}}
    done = read(tmp_path, log, spec={"join": join, "channels": CHANNELS})
    touches = log[log["event"] == "touch"].assign(week=weeks_of(log))
    brand = touches[touches["channel"].str.lower().str.startswith("brand")]
    for week, cell in brand.groupby("week"):
        assert done.figures()[week, "all", "tv", "visitors"] == cell["person"].nunique()
    assert set(done.table["label"]) == {"tv", "search"}


def test_names_are_found_as_the_join_finds_them(tmp_path: Path) -> None:
    """The model's own names win over patterns; what the join would add up is counted as one; what it ignores stays."""
    raw = ["search", "S-earch", "Sеarch", "Test a", "paid", "Fern-sehen", "Chat_1", "chat-1"]
    log = people_log(4, channels=dict.fromkeys(raw, 1 / len(raw)))
    join = {"campaigns": {"*": "tv"}, "ignore": ["Test *"], "channels": {"fernsehen": "tv"}}
    spec = {"join": join, "channels": CHANNELS, "organic": ["chat_1_visitors"]}
    done = read(tmp_path, log, source={"geo": None}, spec=spec)
    touches = log[log["event"] == "touch"].assign(week=weeks_of(log))
    chats = next(label for label in done.table["label"] if "hat" in label)
    expected = {"search": raw[:3], "Test a": ["Test a"], "tv": ["paid", "Fern-sehen"], chats: raw[-2:]}
    for name, labels in expected.items():
        for week, cell in touches[touches["channel"].isin(labels)].groupby("week"):
            assert done.figures()[week, None, name, "visitors"] == cell["person"].nunique(), name
    assert set(done.table["label"]) == set(expected)


def test_one_channel_and_one_geo_of_a_whole_log_are_the_model_s(tmp_path: Path) -> None:
    join = {"channels": {"Google": "search"}, "geos": {"n": "north"}}
    source = {"channel": None, "channel_is": "Google", "geo": None, "geo_is": "n"}
    table = read(tmp_path, people_log(4), source=source, spec={"join": join}).table
    assert set(table["label"]) == {"search"}
    assert set(table["geo"]) == {"north"}


def test_a_name_may_not_be_both_counted_and_set_aside(tmp_path: Path) -> None:
    join = {"channels": {"Google": "search"}, "ignore": ["sea*"]}
    with pytest.raises(SpecError, match=r"join\.ignore: 'Google' is 'search', which 'sea\*' sets aside"):
        read(tmp_path, people_log(4, channels={"Google": 1.0}), spec={"join": join})
    with pytest.raises(DataError, match="is called 'other \\(merged\\)', as Mixwise calls"):
        read(tmp_path, people_log(4, channels={"Other (Merged)": 1.0}))


def test_days_are_those_of_the_zone(tmp_path: Path) -> None:
    log = people_log(3, channels={"search": 1.0}, geos={"north": 1.0})
    utc = pd.to_datetime(log["time"]).dt.tz_localize("UTC")
    local = utc.dt.tz_convert("America/New_York").dt.tz_localize(None)
    expected = brute(log.assign(time=local.astype(str)))
    whole = {key: value for key, value in expected.items() if key[0] >= date(2025, 1, 6)}
    zoned = log.assign(time=utc.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    done = read(tmp_path, zoned, source={"time_zone": "America/New_York"})
    whole = {key: value for key, value in whole.items() if key[0] in {k[0] for k in done.figures()}}
    assert shown_singly(done) == pytest.approx(whole)
    conserved(done)
    moment = (utc - pd.Timestamp("1970-01-01", tz="UTC")) // pd.Timedelta("1ms")
    again = read(tmp_path, log.assign(time=moment), source={"time_zone": "America/New_York"}, epoch="ms")
    assert again.figures() == done.figures()


def test_periods_are_the_panels(tmp_path: Path) -> None:
    log = people_log(4, weeks=6, channels={"search": 1.0}, geos={"north": 1.0})
    daily = read(tmp_path, log, spec={"join": {"grain": "day"}})
    assert all(line["first_day"] == line["last_day"] for line in daily.facts.table.to_pylist())
    # The log runs from 6 January to 16 February: neither of the three months is whole.
    with pytest.raises(DataError, match="no whole week is left"):
        read(tmp_path, spec={"join": {"grain": "month"}})
    retail = {"join": {"grain": "month", "calendar": {"pattern": "4-4-5", "starts": "2024-12-29"}}}
    assert {day.strftime("%A") for day in read(tmp_path, spec=retail).table["first_day"]} == {"Sunday"}


def test_weeks_start_as_the_panel_says_and_parts_of_weeks_are_listed(tmp_path: Path) -> None:
    log = people_log(5, weeks=4)
    done = read(tmp_path, log, spec={"data": {"outcome": "revenue", "week_start": "sunday"}})
    assert {day.strftime("%A") for day in done.table["first_day"]} == {"Sunday"}
    assert min(done.table["first_day"]) == date(2025, 1, 12)
    days = pd.to_datetime(log["time"]).dt.date
    listed = [one.rows for one in done.log.excluded if one.reason.startswith("the log holds a part")]
    assert sum(listed) == int(((days < date(2025, 1, 12)) | (days > date(2025, 2, 1))).sum())
    conserved(done)


def test_a_week_that_is_not_over_is_listed(tmp_path: Path) -> None:
    log = people_log(6)
    done = read(tmp_path, log, today=date(2025, 1, 26))
    assert max(done.table["first_day"]) == date(2025, 1, 13)
    conserved(done)


def test_events_without_a_channel_are_totals(tmp_path: Path) -> None:
    log = people_log(7)
    log.loc[log["event"] == "purchase", "channel"] = ""
    metrics = METRICS | {
        "revenue": {"sum": "value", "of": ["purchase"], "by_channel": False},
        "orders": {"count": "events", "of": ["purchase"], "by_channel": False},
    }
    done = read(tmp_path, log, metrics=metrics)
    bought = log[log["event"] == "purchase"].assign(week=weeks_of(log))
    for (week, geo), cell in bought.groupby(["week", "geo"]):
        assert done.figures()[week, geo, None, "orders"] == len(cell)
        assert done.figures()[week, geo, None, "revenue"] == pytest.approx(cell["value"].sum())
    conserved(done)


def test_rows_without_channel_geo_or_counted_kind_are_listed(tmp_path: Path) -> None:
    log = people_log(8)
    log.loc[log.index % 10 == 0, "channel"] = ""
    log.loc[log.index % 10 == 1, "geo"] = " "
    log.loc[log.index % 10 == 2, "event"] = "unsubscribe"
    log.loc[log.index % 10 == 3, "person"] = ""
    done = read(tmp_path, log)
    assert {"events_no_channel", "events_no_geo", "events_other_kind", "events_no_person"} <= done.names()
    conserved(done)


def test_nothing_is_nil_where_a_channel_is_known_and_missing_where_it_is_left_out(tmp_path: Path) -> None:
    log = people_log(9, rows=9_000, geos={"north": 1.0}, channels={"search": 0.6, "social": 0.4}, weeks=6)
    week = weeks_of(log)
    quiet = (log["channel"] == "social") & (week == date(2025, 1, 13))
    thin = (log["channel"] == "social") & week.isin([date(2025, 1, 20), date(2025, 1, 27)]) & (log.index % 12 != 0)
    figures = read(tmp_path, log[~quiet & ~thin]).figures()
    assert figures[date(2025, 1, 13), "north", "social", "visits"] == 0.0
    assert (date(2025, 1, 20), "north", "social", "visits") not in figures
    assert figures[date(2025, 2, 3), "north", "social", "visits"] > 0


def test_numbers_may_be_written_with_commas_and_in_micros(tmp_path: Path) -> None:
    log = people_log(10, geos={"north": 1.0}, channels={"search": 1.0})
    plain = read(tmp_path, log)
    text = [("" if value != value else f"{value * 1e3:,.2f}") for value in log["value"]]  # noqa: PLR0124
    german = [cell.replace(",", "_").replace(".", ",").replace("_", ".") for cell in text]
    done = read(tmp_path, log.assign(value=german), source={"decimal": ",", "units": {"value": 0.001}})
    assert done.figures() == pytest.approx(plain.figures())
    conserved(done)


def test_the_same_log_gives_the_same_facts(tmp_path: Path) -> None:
    log = people_log(11)
    assert read(tmp_path, log).facts.table.equals(read(tmp_path).facts.table)

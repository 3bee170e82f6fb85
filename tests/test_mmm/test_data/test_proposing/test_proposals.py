"""``init --from``: sure where files are plain, asking where they are not, and what it writes always parses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mmm.data import read_panel
from mmm.data.proposing.words import Speaks, about, slug, speaks_of
from tests.test_mmm.test_data.test_proposing.proposed import (
    ANSWER,
    TODAY,
    answered,
    platform,
    propose,
    spec_of,
    weeks,
    wide,
)
from tests.test_mmm.test_data.test_proposing.proposed import write as write_rows

META = "Day,Campaign name,Amount spent (USD),Impressions,Link clicks"
GOOGLE = "Day,Campaign,Cost,Impr.,Clicks"


def test_a_plain_table_is_read_without_an_edit(tmp_path):
    text = propose(tmp_path / "shop", wide(tmp_path / "weekly.csv"))
    assert "QUESTION" not in text
    spec = spec_of(text)
    assert spec.data.file == "data/weekly.csv"
    assert spec.currency == "EUR"
    assert spec.channels["search"].exposure == "search_clicks"
    assert (spec.organic, spec.controls) == (("newsletter",), ("price",))
    panel = read_panel(spec, tmp_path / "shop", today=TODAY)
    assert panel.n_weeks == 60
    assert panel.outcome[0, 0] == 90_000.5


def test_dates_of_two_readings_are_asked_and_the_answer_is_enough(tmp_path):
    # Mondays of 2024 whose day and month are 12 at most: none of them tells which is which.
    days = [day for day in (date(2024, m, d) for m in range(1, 13) for d in range(1, 13)) if day.weekday() == 0]
    rows = [["date", "channel", "spend"], *([day.strftime("%m/%d/%Y"), "TV", 5] for day in days)]
    text = propose(tmp_path / "shop", write_rows(tmp_path / "media.csv", rows), wide(tmp_path / "sales.csv"))
    assert "QUESTION" in text
    assert "may be day first or month first" in text
    assert '    #date_format: "%d/%m/%Y"\n    #date_format: "%m/%d/%Y"\n' in text
    assert spec_of(answered(text, 'date_format: "%m/%d/%Y"')).sources["media"].date_format == "%m/%d/%Y"


def test_weeks_that_do_not_start_on_monday_are_asked(tmp_path):
    text = propose(tmp_path / "shop", wide(tmp_path / "weekly.csv", first=date(2025, 1, 5)))
    spec = spec_of(answered(text, "week_start: sunday"))
    assert str(read_panel(spec, tmp_path / "shop", today=TODAY).weeks[0]) == "2025-01-05"
    spec = spec_of(answered(text, "date_marks: last_day"))
    assert str(read_panel(spec, tmp_path / "shop", today=TODAY).weeks[0]) == "2024-12-30"


def test_two_platforms_and_a_table_of_sales_become_one_panel(tmp_path):
    files = [
        wide(tmp_path / "sales.csv"),
        platform(tmp_path / "google ads 2025.csv", GOOGLE),
        platform(tmp_path / "meta.csv", META),
        write_rows(tmp_path / "fx.csv", [["date", "currency", "rate"], ["2025-01-01", "USD", 0.9]]),
    ]
    spec = spec_of(propose(tmp_path / "shop", *files))
    assert [source.preset for source in spec.sources.values()] == [None, "google_ads", "meta"]
    assert spec.join.rates_file == "data/fx.csv"
    assert set(spec.channels) == {"tv", "search", "google_ads", "meta"}
    panel = read_panel(spec, tmp_path / "shop", today=TODAY)
    spend = dict(zip(panel.channels, panel.spend.sum(axis=(1, 2)), strict=True))
    per_day = 70 + np.arange(420) % 9
    assert spend["google_ads"] == pytest.approx(per_day.sum())
    assert spend["meta"] == pytest.approx(0.9 * per_day.sum())


def test_the_outcomes_currency_is_the_models_and_silence_is_asked(tmp_path):
    meta = platform(tmp_path / "a-meta.csv", META)
    spec = spec_of(propose(tmp_path / "a", meta, wide(tmp_path / "sales.csv")))
    assert spec.currency == "EUR"
    text = propose(tmp_path / "b", meta, wide(tmp_path / "plain" / "sales.csv", sign=""))
    assert spec_of(text).currency == "USD"
    assert "currency: USD\n# QUESTION: sales names no currency: is it USD?" in text


def test_a_database_of_two_tables_becomes_a_panel_by_place(tmp_path):
    """A sign of two currencies is guessed, said and asked; tables without rows are passed over."""
    mondays = weeks(80)
    with closing(sqlite3.connect(tmp_path / "house.sqlite")) as house, house:
        house.execute("CREATE TABLE sales (week TEXT, region TEXT, revenue TEXT)")
        house.execute("CREATE TABLE media (week TEXT, region TEXT, channel TEXT, spend REAL)")
        house.execute("CREATE TABLE notes (note TEXT)")
        for region in ("North", "South"):
            house.executemany(
                "INSERT INTO sales VALUES (?, ?, ?)", [(str(day), region, f"£{900 + day.day}.25") for day in mondays]
            )
            for channel in ("TV", "Paid Social"):
                rows = [(str(day), region, channel, 7.5 * i) for i, day in enumerate(mondays)]
                house.executemany("INSERT INTO media VALUES (?, ?, ?, ?)", rows)
    text = propose(tmp_path / "shop", tmp_path / "house.sqlite")
    assert "# QUESTION: '£' may be EGP, GBP: GBP is a guess." in text
    spec = spec_of(text)
    assert {name: source.table for name, source in spec.sources.items()} == {"media": "media", "sales": "sales"}
    panel = read_panel(spec, tmp_path / "shop", today=date(2026, 11, 22))
    assert (panel.geos, panel.channels, panel.currency) == (("North", "South"), ("tv", "paid_social"), "GBP")
    assert panel.spend.sum() == pytest.approx(4 * 7.5 * 79 * 40)


def test_what_may_be_one_channel_is_asked(tmp_path):
    rows = [["week", "channel", "spend"]]
    for i in range(60):
        day = date.fromordinal(date(2025, 1, 6).toordinal() + 7 * i)
        rows += [[day, "Facebook", 10 + i], [day, "Facebok", 3], [day, "Meta", 4], [day, "TV 1", 7], [day, "TV 2", 8]]
    text = propose(tmp_path / "shop", write_rows(tmp_path / "media.csv", rows), wide(tmp_path / "sales.csv"))
    assert "'facebok' and 'facebook' may be one channel" in " ".join(text.replace("#", "").split())
    assert "'meta' and 'facebook' may be one channel" in " ".join(text.replace("#", "").split())
    assert "tv_2' and 'tv_1" not in text
    assert {"facebook", "facebok", "meta", "tv_1", "tv_2"} < set(spec_of(text).channels)


def test_the_same_channel_of_two_files_is_asked(tmp_path):
    rows = [["week", "channel", "spend"]]
    rows += [[date.fromordinal(date(2025, 1, 6).toordinal() + 7 * i), "TV", 10 + i] for i in range(60)]
    text = propose(tmp_path / "shop", wide(tmp_path / "sales.csv"), write_rows(tmp_path / "agency.csv", rows))
    spec = spec_of(answered(text, "same: {tv: [sales, agency]}"))
    assert spec.join.same == {"tv": ("sales", "agency")}


def test_micros_without_a_name_are_asked(tmp_path):
    text = propose(
        tmp_path / "shop", wide(tmp_path / "sales.csv"), platform(tmp_path / "google.csv", GOOGLE, 7 * 10**7)
    )
    assert "as of money in micros" in text
    assert spec_of(answered(text, "units: {Cost: 0.000001}")).sources["google"].units == {"Cost": 1e-6}


@pytest.mark.parametrize("doubt", ["percent", "placeholder", "decimal", "zone", "months"])
def test_every_answer_can_be_switched_on(tmp_path, doubt):
    cells = {"percent": "5%", "placeholder": "-", "decimal": "1.234", "zone": "7", "months": "7"}
    dates = [f"{day}T22:30:00Z" if doubt == "zone" else str(day) for day in weeks_of(doubt)]
    rows = [["date", "channel", "spend"]]
    rows += [[day, "Radio", cells[doubt] if i % 3 else "9"] for i, day in enumerate(dates)]
    text = propose(tmp_path / "shop", wide(tmp_path / "sales.csv"), write_rows(tmp_path / "radio.csv", rows))
    lines = text.splitlines()
    options = [i for i, line in enumerate(lines) if ANSWER.match(line)]
    assert options
    for i in options:
        assert spec_of("\n".join([*lines[:i], ANSWER.sub(r"\1", lines[i]), *lines[i + 1 :]])) != spec_of(text)


def weeks_of(doubt):
    if doubt == "months":
        return [date(2025 + i // 12, 1 + i % 12, 1) for i in range(15)]
    return [date.fromordinal(date(2025, 1, 6).toordinal() + 7 * i) for i in range(40)]


def test_a_folder_and_all_its_files_are_one_source(tmp_path):
    exports = tmp_path / "google-ads"
    files = [platform(exports / f"2025-0{i}.csv", GOOGLE) for i in (1, 2, 3)]
    sales = wide(tmp_path / "sales.csv")
    for name, given in (("a", [exports]), ("b", files)):
        spec = spec_of(propose(tmp_path / name, sales, *given))
        assert spec.sources["google_ads"].file == "data/google-ads/"
        assert len(list((tmp_path / name / "data" / "google-ads").iterdir())) == 3


def test_what_counts_visits_or_says_nothing_is_left_out_in_words(tmp_path):
    ga4 = write_rows(
        tmp_path / "ga4.csv",
        [["Date", "Session default channel group", "Sessions"], *([20250106 + i, "Direct", 5] for i in range(20))],
    )
    text = propose(tmp_path / "shop", wide(tmp_path / "sales.csv"), ga4)
    assert "NOT USED: data/ga4.csv: Google Analytics counts what visitors did" in text
    assert not spec_of(text).sources


@pytest.mark.parametrize("name", ["robyn_weekly", "meridian_national_media", "pymc_marketing_multidimensional"])
def test_public_tables_are_understood(tmp_path, name):
    file = Path(__file__).resolve().parents[5] / "shared" / "data" / f"{name}.csv"
    if not file.exists():
        pytest.skip("the public data sets are not beside this checkout")
    spec = spec_of(propose(tmp_path / "it", file))
    outcome, channels, geo = {
        "robyn_weekly": ("revenue", 5, None),
        "meridian_national_media": ("conversions", 4, None),
        "pymc_marketing_multidimensional": ("y", 2, "geo"),
    }[name]
    assert (spec.data.outcome, len(spec.channels), spec.data.geo) == (outcome, channels, geo)


@pytest.mark.parametrize(
    ("name", "speaks", "topic"),
    [
        ("tv_spend", Speaks.SPEND, "tv"),
        ("facebook_I", Speaks.EXPOSURE, "facebook"),
        ("tvSpend", Speaks.SPEND, "tv"),
        ("Koszt netto (PLN)", Speaks.SPEND, "netto"),
        ("Spend (USD)", Speaks.SPEND, ""),
        ("tv_spend_usd", Speaks.SPEND, "tv"),
        ("Koszt radio tys. zł", Speaks.SPEND, "radio"),
        ("competitor_sales_B", Speaks.CONTROL, "competitor sales b"),
        ("revenue_per_conversion", Speaks.VALUE, "revenue per conversion"),
        ("Organic_channel0_impression", Speaks.ORGANIC, "organic channel0"),
        ("week_number", Speaks.COUNTER, "week number"),
        ("Przychód", Speaks.OUTCOME, "przychód"),
        ("x1", Speaks.NOTHING, "x1"),
    ],
)
def test_names_are_understood(name, speaks, topic):
    assert speaks_of(name) is speaks
    assert about(name) == topic


def test_a_currency_in_a_header_is_the_models_and_no_channel(tmp_path):
    rows = [["date", "revenue", "TV Spend (USD)", "radio_cost_usd"]]
    rows += [[day, 1000 + t * 7 % 90, 100 + t * 13 % 50, 50 + t * 11 % 30] for t, day in enumerate(weeks())]
    text = propose(tmp_path, write_rows(tmp_path / "weekly.csv", rows))
    spec = spec_of(text)
    assert spec.currency == "USD"
    assert {name: channel.spend for name, channel in spec.channels.items()} == {
        "tv": "TV Spend (USD)",
        "radio": "radio_cost_usd",
    }
    assert "'revenue' names no currency" in " ".join(text.replace("#", " ").split())


def test_names_become_keys_in_every_script():
    assert slug("Paid  Social / EU") == "paid_social_eu"
    assert slug("تلفزيون") == "تلفزيون"


@pytest.mark.parametrize("name", ["total_spend", "media_spend"])
def test_a_column_that_is_the_sum_of_the_others_is_no_channel(name, tmp_path):
    lines = [f"{day},{900 + i},{i % 7},{i % 5},{i % 7 + i % 5}" for i, day in enumerate(weeks(20))]
    head = f"week,revenue,tv_spend,radio_spend,{name}"
    (tmp_path / "weekly.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    text = propose(tmp_path / "shop", tmp_path / "weekly.csv")
    assert list(spec_of(text).channels) == ["tv", "radio"]
    assert f"the column {name} is" in " ".join(text.replace("#", "").split())


def test_rows_called_total_are_no_channel(tmp_path):
    rows = [["day", "channel", "spend"]]
    for i, day in enumerate(weeks(20)):
        rows += [[day, "tv", i % 7], [day, "radio", i % 5], [day, "Razem", i % 7 + i % 5]]
    text = propose(tmp_path / "shop", write_rows(tmp_path / "media.csv", rows), wide(tmp_path / "sales.csv"))
    assert "razem" not in spec_of(text).channels
    assert "rows of 'Razem' look like totals" in " ".join(text.replace("#", "").split())

"""Rows set aside while files are read: their money is in and listed; lines that take every row are named."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.data.joining.joined import Room
from mmm.data.joining.room import read_room
from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_joining.facts import (
    FIRST,
    TODAY,
    WEEKS,
    ads_rows,
    conserve,
    facts,
    revenue,
    room,
    spec,
    till,
)

RATE = {"EUR": 1.0, "USD": 0.5}
HEAD = "day,campaign,market,ad,currency,spend,clicks"


def write_till(folder: Path) -> None:
    lines = [f"{FIRST + timedelta(weeks=t)},{revenue(t)}" for t in range(WEEKS)]
    (folder / "till.csv").write_text("\n".join(["day,revenue", *lines]) + "\n")


def read(folder: Path, ads: dict[str, Any], **changes: Any) -> Room:
    sources = {"ads": {"file": "ads", "date": "day", "channel": "campaign", **ads}}
    return read_room(spec(sources=sources, **changes), folder, today=TODAY)


def export(seed: int) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Make files with other markets, rows twice and a copied file; and the money of each channel in all their rows."""
    chance = random.Random(seed)
    files: dict[str, list[str]] = {"1.csv": [], "2.csv": []}
    for t in range(WEEKS):
        for label in ("search", "Social", "Tests"):
            for market in ("PL", "DE"):
                money = f"{chance.gammavariate(2, 50):.2f}"
                row = f"{FIRST + timedelta(weeks=t)},{label},{market},a{label}{market}{t}"
                row += f",{chance.choice(('EUR', 'USD'))},{money},3"
                files["1.csv" if t < WEEKS // 2 else "2.csv"] += [row] * (1 + (chance.random() < 0.1))
    files["2 (1).csv"] = files["2.csv"]
    truth = dict.fromkeys(("search", "social"), 0.0)
    for row in (row for rows in files.values() for row in rows):
        _, label, _, _, code, money, _ = row.split(",")
        if label != "Tests":
            truth[label.lower()] += RATE[code] * float(money)
    return files, truth


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000))
def test_money_of_copies_repeats_and_other_markets_is_in_and_listed(tmp_path: Path, seed: int) -> None:
    (tmp_path / "ads").mkdir(exist_ok=True)
    files, truth = export(seed)
    for name, rows in files.items():
        (tmp_path / "ads" / name).write_text("\n".join([HEAD, *rows]) + "\n")
    write_till(tmp_path)
    made = read(tmp_path, {"only": {"market": ["PL"]}, "rates": {"USD": 0.5}}, join={"ignore": ["Tests"]})
    conserve(made)
    ledger = made.panel.report.ledger
    assert ledger.rows_in == sum(map(len, files.values())) + WEEKS
    account = next(one for one in made.joined.sources if one.source == "ads")
    for name, money in truth.items():
        listed = sum(item.spend.get(name, 0.0) for item in ledger.excluded)
        assert ledger.spend_in[name] == pytest.approx(money, abs=1e-6)
        assert ledger.spend_used[name] + listed == pytest.approx(money, abs=1e-6)
        assert account.money_in[name] == pytest.approx(money, abs=1e-6)
        assert account.money_excluded[name] == pytest.approx(listed, abs=1e-6)
    reasons = " ".join(item.reason for item in ledger.excluded)
    assert all(said in reasons for said in ("`only` leaves out", "a copy of", "an identical row", "join.ignore"))


def test_money_without_a_rate_is_listed_as_read(tmp_path: Path) -> None:
    (tmp_path / "ads").mkdir()
    rows = [f"{row.first},{row.label},PL,a,EUR,{row.figures['spend']},3" for row in ads_rows()]
    rows.append(f"{FIRST},search,JP,a,JPY,900,3")
    (tmp_path / "ads" / "1.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    write_till(tmp_path)
    made = read(tmp_path, {"only": {"market": ["PL"]}})
    conserve(made)
    (entry,) = [item for item in made.panel.report.ledger.excluded if "only" in item.reason]
    assert entry.spend == {"spend (JPY) (as read)": 900.0}


def test_only_that_takes_every_row_of_a_channel_is_named(tmp_path: Path) -> None:
    (tmp_path / "ads").mkdir()
    rows = [
        f"{row.first},{row.label},{'DE' if row.label == 'social' else 'PL'},a,EUR,{row.figures['spend']},3"
        for row in ads_rows()
    ]
    (tmp_path / "ads" / "1.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    write_till(tmp_path)
    asked = (
        r"sources\.ads\.only: no row of 'social_spend' is left: those of 'social' are set aside because 'market' "
        r"holds 1 other value than 'PL', which `only` leaves out\. Change sources\.ads\.only \(\{market: \[PL\]\}\) "
        r"so that it keeps them, or "
        r"take 'social' out of the model file"
    )
    with pytest.raises(DataError, match=asked):
        read(tmp_path, {"only": {"market": ["PL"]}})
    with pytest.raises(
        DataError, match=r"every row of the source was set aside: 'market' .*sources\.ads\.only \(\{mar"
    ):
        read(tmp_path, {"only": {"market": ["Poland"]}})


def test_ignore_that_takes_every_row_of_a_channel_is_named(tmp_path: Path) -> None:
    asked = (
        r"join\.ignore: no row of 'social_spend' is left: those of 'social' are set aside by its line 'soc\*'\. Change "
        r"join\.ignore \('soc\*'\) so that it keeps them"
    )
    with pytest.raises(DataError, match=asked):
        room(tmp_path, [till(), facts("ads", ads_rows())], spec(join={"ignore": ["x", "soc*"]}))

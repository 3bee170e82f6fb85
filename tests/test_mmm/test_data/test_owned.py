"""Owned channels: volume × cost of service is money that stands in the ledger; what costs nothing is organic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm import ModelSpec
from mmm.arrays import FloatArray
from mmm.data import Panel, read_panel
from mmm.data.room.trace import series_of
from mmm.data.watch_owned import elasticity
from mmm.exceptions import DataError, SpecError
from mmm.findings import Severity
from tests.test_mmm.test_data.book import TODAY, Book, by_geo, weekly

CHANNELS = "{tv: {spend: tv_spend}, chat: {volume: clicks, cost_of_service: 3.5}}"


def read(folder: Path, book: Book, channels: str = CHANNELS, *, data: str = "", more: str = "") -> Panel:
    (folder / "weekly.csv").write_text(book.text(), encoding="utf-8")
    head = "data: {file: weekly.csv, outcome: revenue" + (f", {data}" if data else "") + "}\n"
    (folder / "model.yaml").write_text(f"{head}channels: {channels}\n{more}", encoding="utf-8")
    return read_panel(ModelSpec.from_yaml(folder / "model.yaml"), folder, today=TODAY)


def column(book: Book, name: str) -> FloatArray:
    return np.array([float(cell or "0") for cell in book.cells(name)])


def said(panel: Panel, name: str) -> list[str]:
    return [finding.says for finding in panel.report.findings if finding.name == name]


def test_the_money_is_volume_times_cost_and_the_model_sees_the_volume(tmp_path: Path) -> None:
    book = weekly()
    panel = read(tmp_path, book)
    chats = column(book, "clicks")
    assert panel.channels == ("tv", "chat")
    np.testing.assert_allclose(panel.spend[1, 0], 3.5 * chats)
    np.testing.assert_allclose(panel.exposure[1, 0], chats)
    assert panel.exposure_based.tolist() == [False, True]
    assert panel.report.ledger.spend_in["chat"] == pytest.approx(3.5 * chats.sum())
    assert panel.report.ledger.spend_used["chat"] == pytest.approx(3.5 * chats.sum())
    (sentence,) = said(panel, "cost_of_service")
    assert f"{3.5 * chats.sum():,.2f} EUR of spend: {chats.sum():,.0f} of 'clicks' at 3.5 EUR each" in sentence


def test_the_cost_may_stand_in_a_column_by_row_and_in_another_currency(tmp_path: Path) -> None:
    book = weekly()
    costs = np.round(np.linspace(2.0, 4.0, len(book.rows)), 2)
    book.add("per_chat", [f"${cost:.2f}" for cost in costs])
    panel = read(
        tmp_path, book, "{tv: {spend: tv_spend}, chat: {volume: clicks, cost_of_service: per_chat}}",
        data="rates: {USD: 0.5}",
    )  # fmt: skip
    np.testing.assert_allclose(panel.spend[1, 0], 0.5 * costs * column(book, "clicks"))
    assert "at 1 to 2 EUR each (column per_chat)" in said(panel, "cost_of_service")[0]
    assert panel.channels == ("tv", "chat")


def test_days_are_priced_before_they_are_added_up(tmp_path: Path) -> None:
    book = weekly(420, step=1)
    costs = np.tile(np.arange(1.0, 8.0), 60)
    book.add("per_chat", [str(cost) for cost in costs])
    panel = read(tmp_path, book, "{chat: {volume: clicks, cost_of_service: per_chat}}")
    np.testing.assert_allclose(panel.spend[0, 0], (costs * column(book, "clicks")).reshape(60, 7).sum(axis=1))


def test_a_national_service_is_counted_once_and_split_over_geos(tmp_path: Path) -> None:
    book = by_geo()
    once = column(book, "clicks")[: len(book.rows) // 3]
    national = dict(zip(dict.fromkeys(book.cells("week")), once, strict=False))
    book.add("chats", [f"{national[week]:.0f}" for week in book.cells("week")])
    panel = read(
        tmp_path, book, "{tv: {spend: tv_spend}, chat: {volume: chats, cost_of_service: 2, level: national}}",
        data="geo: region, population: people",
    )  # fmt: skip
    total = 2 * sum(round(x) for x in national.values())
    assert panel.spend[1].sum() == pytest.approx(total)
    assert panel.report.ledger.spend_used["chat"] == pytest.approx(total)


@pytest.mark.parametrize(
    ("channel", "says", "remedy"),
    [
        ("{volume: clicks, cost_of_service: 0}", "leaves nothing to plan", "organic, as 'clicks'"),
        ("{volume: clicks, cost_of_service: -1}", "is no cost", ""),
        ("{volume: clicks}", "volume needs cost_of_service", ""),
        ("{cost_of_service: 2, spend: search_spend}", "cost_of_service goes with volume", "name it as spend"),
        (
            "{volume: clicks, spend: search_spend, cost_of_service: 2}",
            "stands instead of spend and exposure",
            "volume as exposure",
        ),
        ("{exposure: clicks}", "a channel needs spend", "volume: <column> with its cost_of_service"),
    ],
)
def test_what_is_no_service_with_a_cost_is_refused_with_its_line(
    tmp_path: Path, channel: str, says: str, remedy: str
) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, weekly(), f"{{tv: {{spend: tv_spend}}, chat: {channel}}}")
    assert says in str(caught.value)
    assert remedy in str(caught.value)
    assert "model.yaml, line 2" in str(caught.value)


def test_a_cost_that_is_missing_or_below_zero_is_refused_with_its_row(tmp_path: Path) -> None:
    channels = "{chat: {volume: clicks, cost_of_service: per_chat}}"
    book = weekly().add("per_chat", ["2.5"] * 60)
    book.put(7, "per_chat", "").put(9, "per_chat", "")
    with pytest.raises(DataError) as caught:
        read(tmp_path, book, channels)
    assert "the cost of service of 'chat' is missing, and something was served (and in 1 more row)" in str(caught.value)
    assert "row 9, column per_chat" in str(caught.value)
    book.put(7, "per_chat", "-2").put(9, "per_chat", "2.5")
    with pytest.raises(DataError, match="below zero"):
        read(tmp_path, book, channels)
    # Where nothing was served, what it would have cost does not matter.
    book.put(7, "per_chat", "").put(7, "clicks", "0")
    assert read(tmp_path, book, channels).spend[0, 0, 7] == 0.0


def test_a_service_that_costs_nothing_in_any_week_is_left_out_with_the_remedy(tmp_path: Path) -> None:
    book = weekly().add("per_chat", ["0"] * 60)
    panel = read(tmp_path, book, "{tv: {spend: tv_spend}, chat: {volume: clicks, cost_of_service: per_chat}}")
    assert panel.channels == ("tv",)
    (found,) = [one for one in panel.report.findings if one.name == "zero_channel"]
    assert "organic" in found.do


def test_missing_volumes_are_filled_with_zero_only_and_said_once(tmp_path: Path) -> None:
    book = weekly()
    book.put(5, "clicks", "")
    with pytest.raises(DataError, match=r"data\.missing"):
        read(tmp_path, book)
    with pytest.raises(SpecError, match="missing volume of 'chat' can be filled with zero only"):
        read(tmp_path, book, data="missing: {clicks: previous}")
    panel = read(tmp_path, book, data="missing: {clicks: zero}")
    assert panel.spend[1, 0, 5] == panel.exposure[1, 0, 5] == 0.0
    assert len(said(panel, "missing_filled")) == 1


@settings(max_examples=25, deadline=None)
@given(
    volumes=st.lists(st.integers(0, 10_000), min_size=60, max_size=60).filter(lambda found: len(set(found)) > 1),
    cents=st.integers(1, 100_000),
)
def test_money_in_is_money_used_and_listed(
    tmp_path_factory: pytest.TempPathFactory, volumes: list[int], cents: int
) -> None:
    book = weekly()
    for i, volume in enumerate(volumes):
        book.put(i, "clicks", str(volume))
    book.rows.append(list(book.rows[-1]))  # an export's repeated row: set aside with its money
    cost = cents / 100
    channels = f"{{tv: {{spend: tv_spend}}, chat: {{volume: clicks, cost_of_service: {cost}}}}}"
    panel = read(tmp_path_factory.mktemp("owned"), book, channels, data="units: {tv_spend: 1, clicks: 1}")
    ledger = panel.report.ledger
    out = sum(item.spend.get("chat", 0.0) for item in ledger.excluded)
    assert ledger.spend_in["chat"] == pytest.approx(cost * (sum(volumes) + volumes[-1]))
    assert ledger.spend_used["chat"] + out == pytest.approx(ledger.spend_in["chat"])
    assert panel.spend[1].sum() == pytest.approx(cost * sum(volumes))


def served(folder: Path, follows: float, *, organic: bool = False) -> Panel:
    """Return a company whose chats follow the outcome by so much."""
    rng = np.random.default_rng(4)
    book = weekly(75)
    sold = column(book, "revenue")
    wanted = 500 * (1 + follows * (sold / sold.mean() - 1)) + rng.normal(0, 8, len(sold))
    for i, chats in enumerate(wanted):
        book.put(i, "clicks", f"{chats:.0f}")
    if organic:
        return read(folder, book, "{tv: {spend: tv_spend}}", more="organic: [clicks]\n")
    return read(folder, book)


@pytest.mark.parametrize("organic", [False, True])
def test_a_service_that_is_asked_for_by_who_buys_is_warned_of(tmp_path: Path, organic: bool) -> None:
    name = "clicks" if organic else "chat"
    (found,) = [
        one for one in served(tmp_path, 1.0, organic=organic).report.findings if one.name == "volume_follows_outcome"
    ]
    assert found.severity is Severity.WARNING
    assert found.where.endswith(name)
    assert ("priors: {channels: {chat: {roas: …}}}" in found.do) is not organic
    assert ("cost_of_service" in found.do) is organic
    assert "lift_tests" in found.do
    assert not said(served(tmp_path, 0.0, organic=organic), "volume_follows_outcome")


def test_elasticity_is_that_of_a_straight_line_beside_what_else_moves() -> None:
    rng = np.random.default_rng(2)
    season, chats = rng.normal(size=90), rng.gamma(20.0, 1.0, 90)
    outcome = 100 + 5 * season + 2 * chats
    size, t = elasticity(chats, outcome, np.column_stack([np.ones(90), season]))
    assert size == pytest.approx(2 * chats.mean() / outcome.mean())
    assert t > 1e3
    assert elasticity(chats, outcome, rng.normal(size=(90, 80))) == (0.0, 0.0)
    assert elasticity(np.zeros(90), outcome, np.ones((90, 1))) == (0.0, 0.0)
    assert elasticity(np.full(90, 4.0), outcome, np.ones((90, 1))) == (0.0, 0.0)


def test_volume_and_cost_may_lie_in_a_source_of_their_own_by_day(tmp_path: Path) -> None:
    book = weekly()
    (tmp_path / "shop.csv").write_text(book.text(), encoding="utf-8")
    rng = np.random.default_rng(3)
    days = np.datetime64("2024-01-01") + np.arange(420)
    chats, costs = rng.poisson(20, 420), np.round(rng.uniform(2.0, 3.0, 420), 2)
    desk = [f"{day},{count},{cost}" for day, count, cost in zip(days, chats, costs, strict=True)]
    (tmp_path / "desk.csv").write_text("\n".join(["date,chats,cost_per_chat", *desk]), encoding="utf-8")
    (tmp_path / "model.yaml").write_text(
        "data: {outcome: revenue}\n"
        "sources: {shop: {file: shop.csv, date: week}, desk: {file: desk.csv, date: date}}\n"
        "channels: {tv: {spend: tv_spend}, chat: {volume: chats, cost_of_service: cost_per_chat}}\n",
        encoding="utf-8",
    )
    panel = read_panel(ModelSpec.from_yaml(tmp_path / "model.yaml"), tmp_path, today=TODAY)
    np.testing.assert_allclose(panel.exposure[1, 0], chats.reshape(60, 7).sum(axis=1))
    np.testing.assert_allclose(panel.spend[1, 0], (chats * costs).reshape(60, 7).sum(axis=1))
    assert panel.report.ledger.spend_in["chat"] == pytest.approx((chats * costs).sum())


def test_a_trace_of_an_owned_channel_is_of_its_volume(tmp_path: Path) -> None:
    read(tmp_path, weekly())
    written = ModelSpec.from_yaml(tmp_path / "model.yaml").model_dump(mode="json")
    assert series_of("chat", written, channel=True, exposure=True) == "clicks"
    assert series_of("chat", written, channel=True) == "clicks × cost of service"
    assert series_of("clicks", written, channel=False) == "clicks"
    with pytest.raises(DataError, match="has no exposure"):
        series_of("tv", written, channel=True, exposure=True)

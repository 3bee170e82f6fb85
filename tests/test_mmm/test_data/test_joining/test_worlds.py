"""Random companies: every one is joined with its accounts in order, or refused in a sentence."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mmm.data import PanelSpec
from mmm.data.sources.facts import Facts
from mmm.exceptions import MixwiseError
from tests.test_mmm.test_data.test_joining.facts import FIRST, Row, conserve, facts, room, spec

Figures = Mapping[str, float | None]


class World:
    """One random company: a till and advertisements, by any grain, wide or long, with gaps and restated rows."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.weeks = self.random.choice((14, 26))
        self.geos: list[str | None] = self.random.choice(([None], [None], ["n", "s"], ["n", "s", "W"]))
        self.has = {name: self.random.random() < 0.4 for name in ("price", "people", "worth", "mail_sends")}
        self.has["people"] &= self.geos != [None]
        self.empty = self.random.choice((0.0, 0.0, 0.0, 0.03))
        self.hole = self.random.choice((0.0, 0.0, 0.02, 0.2))
        self.long = self.random.random() < 0.6

    def amount(self) -> float | None:
        return None if self.random.random() < self.empty else round(self.random.gammavariate(2, 10), 2)

    def rows(self, days: int, figures: Callable[[], Figures], **more: Any) -> list[Row]:
        """Make rows that cover ``days`` each, with holes."""
        starts = range(7 * self.random.choice((0, 0, 0, 2)), 7 * self.weeks, days)
        return [
            Row(FIRST + timedelta(days=start), figures(), days, geo=geo, **more)
            for geo in self.geos
            for start in starts
            if self.random.random() >= self.hole
        ]

    def till(self) -> Facts:
        def figures() -> Figures:
            sold = {"revenue": round(self.random.gammavariate(5, 100), 2)}
            others = {"price": self.amount(), "people": self.random.choice((10.0, 20.0)), "worth": 2.0}
            return sold | {name: value for name, value in others.items() if self.has[name]}

        return facts("till", self.rows(self.random.choice((1, 7)), figures), money=("revenue", "worth"))

    def ads(self) -> Facts:
        if not self.long:
            names = ["search_spend", "social_spend", *(["mail_sends"] if self.has["mail_sends"] else [])]
            made = self.rows(self.random.choice((1, 7, 30)), lambda: {name: self.amount() for name in names})
            return facts("ads", made, money=names[:2])
        labels = {"search": "spend", "Social": "spend", "brand 1": "spend"}
        labels |= {"mail": "sends"} if self.has["mail_sends"] else {}
        made = []
        for label, metric in labels.items():
            code = self.random.choice(("EUR", "USD"))
            own = self.rows(
                self.random.choice((1, 7, 30)),
                lambda m=metric: {m: self.amount()},
                label=label,
                currency=code,
                file="2025-08-01.csv",
            )
            again = self.random.sample(own, min(len(own), self.random.choice((0, 4))))
            made += [*own, *(Row(r.first, {metric: 7.0}, r.days, r.geo, label, "2025-08-02.csv", code) for r in again)]
        return facts("ads", made)

    def spec(self) -> PanelSpec:
        data: dict[str, Any] = {"gaps": self.random.choice(("refuse", "no_spend")), "rates": {"USD": 0.9}}
        optional = {"geo": ("geo", self.geos != [None]), "population": ("people", self.has["people"]),
                    "value_per_outcome": ("worth", self.has["worth"])}  # fmt: skip
        data |= {key: name for key, (name, there) in optional.items() if there}
        if self.random.random() < 0.4:
            zero = dict.fromkeys(("search_spend", "social_spend", "mail_sends"), "zero")
            data["missing"] = zero | {"price": self.random.choice(("previous", "interpolate"))}
        ads = {"file": "a.csv", "spread": self.random.choice(("refuse", "by_day", "by_day"))}
        return spec(
            data=data,
            sources={"till": {"file": "t.csv"}, "ads": ads | ({"channel": "c"} if self.long else {})},
            controls=["price"] if self.has["price"] else [],
            organic=["mail_sends"] if self.has["mail_sends"] else [],
            join={
                "campaigns": {"brand *": "social"},
                "restated": self.random.choice(("refuse", "latest", "latest")),
                "overlap": self.random.random() < 0.5,
            },
        )


@pytest.mark.parametrize("first", range(0, 60, 15))
def test_every_company_is_joined_or_refused(first: int, tmp_path: Path) -> None:
    joined, refusals = 0, []
    for seed in range(first, first + 15):
        world = World(seed)
        try:
            conserve(room(tmp_path, [world.till(), world.ads()], world.spec()))
            joined += 1
        except MixwiseError as refused:
            refusals.append(refused)
    assert joined >= 5
    assert all(one.exit_code == 2 and one.do for one in refusals), refusals
    assert not [one for one in refusals if "does not add up" in one.says]

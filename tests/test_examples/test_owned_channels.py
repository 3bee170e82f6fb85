"""The page on owned channels runs as written: a company's chat is fitted, planned in agents, and made dearer."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from mmm.model import fit_command
from optimizer import plan_command
from simulations import simulate_command
from simulations.market.simulate import simulate_market
from simulations.market.world import World

PAGE = Path(__file__).resolve().parents[2] / "docs" / "owned-channels.md"
COST, STEP, SEATS = 3.5, 400, 2_400
SHORT = "sampling: {chains: 2, tune: 200, draws: 150, cores: 1}\ndata: {allow_future: true, "
WORLD = {
    "seed": 8,
    "start": "2024-06-03",
    "weeks": 135,
    "outcome": {"name": "revenue", "level": 250_000},
    "noise": {"sd": 0.02},
    "channels": {
        "tv": {"spend": {"pattern": "flighted", "weekly": 20_000}, "adstock": 0.5, "roas": 2.0},
        "search": {"spend": {"pattern": "always_on", "weekly": 9_000, "variation": 0.4}, "roas": 2.5},
        # Offered by the company's own plan, so that it is a cause; a chat costs the same in every week.
        "chat": {
            "spend": {"pattern": "always_on", "weekly": 5_000, "variation": 0.5, "books_in": 0.01},
            "exposure": {"name": "served", "cost": COST, "noise": 0.0},
            "adstock": 0.2,
            "roas": 3.0,
        },
    },
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's files, a simulated company's data, and its fit."""
    folder = tmp_path_factory.mktemp("owned")
    blocks = re.findall(r"```yaml\n# (\w+\.yaml)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert [name for name, _ in blocks] == ["model.yaml", "brief.yaml", "scenarios.yaml"]
    for name, text in blocks:
        (folder / name).write_text(text.replace("data: {", SHORT, 1), encoding="utf-8")
    market = simulate_market(World.model_validate(WORLD))
    frame = market.frame.rename(columns={"chat_served": "chats"}).drop(columns="chat_spend")
    frame.to_csv(folder / "weekly.csv", index=False)
    fit_command.run(folder / "model.yaml", folder / "fit", seed=3, quiet=True, as_json=False)
    return folder


def test_the_fit_prices_the_chat(company: Path) -> None:
    summary = json.loads((company / "fit" / "summary.json").read_text(encoding="utf-8"))
    assert 1.0 < summary["channels"]["chat"]["roas"]["mean"] < 6.0
    assert [one["name"] for one in summary["checks"] if "chat" in one.get("where", "")].count("prior_conflict") == 0


def test_the_plan_hires_whole_agents_within_the_seats(company: Path) -> None:
    code = plan_command.run(
        company / "brief.yaml",
        [company / "fit"],
        company / "plan",
        gap=1e-3,
        time_limit=60.0,
        quiet=True,
        as_json=False,
    )
    assert code in (0, 4)
    plan = json.loads((company / "plan" / "plan.json").read_text(encoding="utf-8"))
    chats = np.array(plan["volumes"]["chat"])
    assert set(plan["volumes"]) == {"chat"}
    assert chats.max() <= SEATS * (1 + 1e-6)
    np.testing.assert_allclose(chats / STEP, np.round(chats / STEP), atol=1e-6)
    with (company / "plan" / "plan.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    served = [row for row in rows if row["channel"] == "chat"]
    assert {row["volume"] for row in rows if row["channel"] != "chat"} == {""}
    np.testing.assert_allclose([float(row["volume"]) for row in served], chats)
    np.testing.assert_allclose([float(row["spend"]) for row in served], COST * chats, rtol=1e-6)
    page = (company / "plan" / "report.html").read_text(encoding="utf-8")
    assert "What the plan serves or buys" in page


def test_dearer_agents_serve_fewer_for_the_same_money(company: Path) -> None:
    code = simulate_command.run(
        company / "scenarios.yaml", [company / "fit"], company / "out", seed=1, quiet=True, as_json=False
    )
    assert code == 0
    found = json.loads((company / "out" / "scenarios.json").read_text(encoding="utf-8"))["scenarios"]
    dearer, without = (found[name]["delta_vs_bau"]["mean"] for name in ("dearer_agents", "no_chat"))
    assert without < dearer < 0

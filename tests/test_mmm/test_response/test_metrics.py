"""ROAS, mROAS, contributions and curves against brute-force counterfactuals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.response.draws import ResponseDraws
from mmm.response.forecast import media_effect
from mmm.response.metrics import contribution, mroas, response_curve, roas, summarise, weekly_contribution
from mmm.transforms.adstock import initial_state
from tests.test_mmm.test_response.make import T, make_response


def money_made(response: ResponseDraws, channel: int, factor: float) -> np.ndarray:
    """Outcome in money over window and a long tail when the channel's spend is scaled, carry-in kept, (S,)."""
    paid = response.paid
    start = initial_state(paid.media)
    # The kept carry-in enters as the history; the scaled window is then "future" media.
    past = np.repeat(start[..., None], 8, axis=-1)
    media = paid.media.copy()
    media[channel] *= factor
    whole = np.concatenate([media, np.zeros((*media.shape[:2], 260))], axis=-1)
    effect = media_effect(replace(paid, media=past), whole)[channel]
    if response.demand is not None:
        weeks = response.weeks[0] + 7 * np.arange(T + 260).astype("timedelta64[D]")
        effect = effect * response.demand.multiplier(weeks)
    return 2.0 * effect.sum(axis=(0, 1))


@pytest.mark.parametrize("kind", [{}, {"slopes": True, "demand": True}, {"geos": 2}])
def test_roas_and_mroas_are_counterfactuals(kind: dict[str, object]) -> None:
    response = make_response(**kind)  # type: ignore[arg-type]
    spend = response.spend.sum(axis=(1, 2))
    for c in range(3):
        lost = money_made(response, c, 1.0) - money_made(response, c, 0.0)
        np.testing.assert_allclose(roas(response)[c], lost / spend[c], rtol=2e-3)
        rise = (money_made(response, c, 1.001) - money_made(response, c, 0.999)) / 0.002
        np.testing.assert_allclose(mroas(response)[c], rise / spend[c], rtol=2e-3)
        np.testing.assert_allclose(contribution(response)[c], lost, rtol=2e-3)


def test_weekly_contributions_add_up_to_the_fitted_media_effect() -> None:
    response = make_response(demand=True)
    weekly = weekly_contribution(response, "tv")
    assert weekly.dims == ("week", "sample")
    assert weekly.attrs["unit"] == "EUR per week"
    # Carry-in from before the window is in the weekly figures, the tail after it is in the contribution.
    assert float(weekly.sum("week").mean()) == pytest.approx(float(contribution(response)[0].mean()), rel=0.05)
    assert weekly_contribution(response, "newsletter").shape == weekly.shape


def test_curve_passes_half_at_half_saturation() -> None:
    response = make_response()
    paid = response.paid
    spend = float(np.median(paid.half_saturation[2]))
    curve = response_curve(response, "search", np.array([0.0, 0.25 * spend, 1e12]))
    assert (curve[0] == 0).all()
    expected = 2.0 * paid.beta[2, 0] * spend / (spend + paid.half_saturation[2, 0])
    np.testing.assert_allclose(curve[1], expected, rtol=1e-9)
    np.testing.assert_allclose(curve[2], 2.0 * paid.beta[2, 0], rtol=1e-6)


def test_a_channel_without_spend_has_no_roas() -> None:
    response = make_response()
    silent = replace(response, spend=response.spend * np.array([0, 1, 1])[:, None, None])
    assert np.isnan(roas(silent)[0]).all()
    assert np.isfinite(roas(silent)[1:]).all()


def test_summary_keys_are_the_contract_s() -> None:
    assert summarise(np.arange(101.0)) == {"mean": 50.0, "q05": 5.0, "q50": 50.0, "q95": 95.0}

"""What people may state, in their words; what they are told when it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.model.distributions import DistributionName, Parameter
from mmm.model.priors import PositivePrior, Shrinkage, Sign
from mmm.model.spec import ModelSpec
from mmm.model.studies import Study, pool
from tests.test_mmm.test_model.market import MODEL


def read(folder: Path, extra: str) -> ModelSpec:
    path = folder / "model.yaml"
    path.write_text(MODEL + extra, encoding="utf-8")
    return ModelSpec.from_yaml(path)


def of_tv(what: str) -> str:
    return f"priors: {{channels: {{tv: {{{what}}}}}}}\n"


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (of_tv("roas: {median: 1, q95: 2}, mroas: {median: 1, q95: 2}"), "'roas' or 'mroas', not both"),
        (
            of_tv("mroas: {median: 1, q95: 2}, share_of_outcome: {median: 0.1, q95: 0.2}"),
            "give 'mroas' or 'share_of_outcome', not both",
        ),
        (
            of_tv("half_saturation: {median: 1, q95: 2}, half_saturation_spend: {median: 1, q95: 2}"),
            "'half_saturation' or 'half_saturation_spend', not both",
        ),
        ("priors: {half_saturation_spend: {median: 1, q95: 2}}\n", "state it under 'channels'"),
        ("priors: {channels: {letters: {mroas: {median: 1, q95: 2}}}}\n", "cannot be stated of an organic channel"),
        ("priors: {controls: {rain: {sign: negative}}}\n", "'rain', which is not a control here"),
        ("priors: {controls: {price: {}}}\n", "states its 'sign' (positive or negative), its 'size', or both"),
        ("priors: {controls: {price: {sign: down}}}\n", "'positive', 'negative' or 'any'"),
        (of_tv("roas: 2"), "write a range, such as {low: 1, high: 4}"),
        (of_tv("roas: {low: 3, high: 2}"), "'high' must be larger than 'low'"),
        (of_tv("roas: {low: -1, high: 2}"), "greater than 0"),
        (of_tv("roas: {median: 3, high: 2}"), "either 'median' and 'q95'"),
        (of_tv("roas: {studies: []}"), "list at least one study"),
        (of_tv("roas: {studies: [{roas: 2}]}"), "either 'estimate' and 'standard_error', or 'low' and 'high'"),
        (of_tv("roas: {studies: [{roas: -2, standard_error: 1}]}"), "greater than 0"),
        (of_tv("roas: {distribution: Normal, mu: 1, sigma: 1}"), "'LogNormal', 'Gamma'"),
        (of_tv("roas: {distribution: os.system, mu: 1, sigma: 1}"), "'LogNormal', 'Gamma'"),
        (of_tv("roas: {distribution: Gamma, alpha: 1}"), "Gamma takes 'alpha' and 'beta' or 'mu' and 'sigma'"),
        (of_tv("roas: {distribution: Gamma, alpha: 1, beta: 1, nu: 1}"), "Gamma takes"),
        (of_tv("roas: {distribution: Gamma, alpha: 0, beta: 1}"), "'alpha' of the distribution Gamma must be above 0"),
        (of_tv("roas: {distribution: Gamma, alpha: 1, beta: 1, median: 1}"), "'median' cannot stand beside"),
        (of_tv("roas: {distribution: Uniform, lower: -1, upper: 1}"), "'lower' of 0 or more"),
        (of_tv("roas: {distribution: Uniform, lower: 2, upper: 1}"), "'upper' above 'lower'"),
        (of_tv("roas: {distribution: Triangular, lower: 1, c: 5, upper: 3}"), "'c'"),
        (of_tv("roas: {distribution: Beta, alpha: 1, beta: 1}"), "cannot be a Beta: that is for shares"),
        (of_tv("carryover: {distribution: Gamma, alpha: 1, beta: 1}"), "a Gamma can be above 1"),
        (of_tv("carryover: {median: 0.5, q95: 1.5}"), "a share lies between 0 and 1"),
        (of_tv("carryover: {mu: 0, sigma: 1}"), "either 'median' and 'q95', or 'low' and 'high', or 'distribution'"),
        (of_tv("mroas: {distribution: Gamma, alpha: 1, beta: 1}"), "'mroas' takes LogNormal only, not Gamma"),
        (of_tv("half_life: {distribution: Gamma, alpha: 1, beta: 1}"), "state the distribution of 'carryover'"),
        (
            of_tv("half_saturation_spend: {distribution: Gamma, alpha: 1, beta: 1}"),
            "state the distribution of 'half_saturation'",
        ),
        (
            "priors: {controls: {price: {sign: negative, size: {distribution: Gamma, alpha: 1, beta: 1}}}}\n",
            "'size' takes LogNormal only",
        ),
        ("priors: {shrinkage: maybe}\n", "'none', 'pooled' or 'auto'"),
    ],
)
def test_refused_in_one_sentence_with_its_place(tmp_path: Path, extra: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, extra)
    assert says in str(caught.value)
    assert "model.yaml, line" in str(caught.value) or "model.yaml:" in str(caught.value)


def test_all_that_may_be_stated_survives_being_written_down(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        """\
priors:
  shrinkage: pooled
  half_life: {low: 0.5, high: 4}
  channels:
    tv: {mroas: {low: 0.5, high: 2}, half_saturation_spend: {median: 3000, q95: 9000}}
    search:
      share_of_outcome: {distribution: Beta, alpha: 2, beta: 18}
      carryover: {distribution: Uniform, lower: 0, upper: 0.6}
      slope: {distribution: TruncatedNormal, mu: 1, sigma: 0.3}
    letters: {half_saturation_media: {median: 100, q95: 400}}
  controls: {price: {sign: negative, size: {median: 0.05, q95: 0.2}}}
""",
    )
    assert ModelSpec.model_validate(spec.model_dump(mode="json")) == spec
    assert spec.priors.shrinkage is Shrinkage.POOLED
    assert spec.priors.controls["price"].sign is Sign.NEGATIVE
    found = spec.priors.stated("search").custom()
    assert set(found) == {Parameter.SHARE, Parameter.CARRYOVER, Parameter.SLOPE}
    assert found[Parameter.SLOPE].name is DistributionName.TRUNCATED_NORMAL
    assert spec.priors.stated("search").half_life is None


def test_everyones_size_reaches_those_it_can_be_said_of(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        "priors: {roas: {median: 2, q95: 4}, share_of_outcome: {median: 0.01, q95: 0.1},\n"
        "  channels: {search: {mroas: {median: 1, q95: 3}}}}\n",
    )
    tv, search, letters = (spec.priors.stated(n, organic=n == "letters") for n in ("tv", "search", "letters"))
    assert (tv.roas, tv.share_of_outcome) == (PositivePrior(median=2, q95=4), None)
    assert (search.roas, search.mroas) == (None, PositivePrior(median=1, q95=3))
    assert (letters.roas, letters.share_of_outcome) == (None, PositivePrior(median=0.01, q95=0.1))


def test_a_range_holds_nine_cases_of_ten() -> None:
    mu, sigma = PositivePrior(low=1.0, high=4.0).log_moments()
    draws = np.exp(mu + sigma * np.random.default_rng(1).normal(size=200_000))
    np.testing.assert_allclose(np.quantile(draws, [0.05, 0.5, 0.95]), [1.0, 2.0, 4.0], rtol=0.01)


def test_a_study_with_its_standard_error_keeps_its_mean_and_sd() -> None:
    mu, sigma = Study(roas=2.1, standard_error=0.8).log_moments()
    draws = np.exp(mu + sigma * np.random.default_rng(2).normal(size=400_000))
    assert (draws.mean(), draws.std()) == pytest.approx((2.1, 0.8), rel=0.01)


def test_pooling_of_a_worked_example() -> None:
    """Two studies, by hand: y = ±1, v = 0.25. Q = 8, C = 4, τ² = 1.75; weights equal, so μ = 0, var = 1 + 1.75."""
    width = float(np.exp(2 * 1.6448536269514722 * 0.5))
    studies = [Study(low=centre / np.sqrt(width), high=centre * np.sqrt(width)) for centre in np.exp([1.0, -1.0])]
    mu, sigma = pool(studies)
    assert (mu, sigma**2) == pytest.approx((0.0, 2.75), abs=1e-9)


def test_pooling_recovers_how_much_studies_differ() -> None:
    rng = np.random.default_rng(3)
    centre, between, error = np.log(2.0), 0.4, 0.15
    truths = centre + between * rng.normal(size=300)
    seen = np.exp(truths + error * rng.normal(size=300))
    half = np.exp(1.6448536269514722 * error)
    mu, sigma = pool([Study(low=x / half, high=x * half) for x in seen])
    assert (mu, sigma) == pytest.approx((centre, between), rel=0.1)


def test_studies_that_agree_sharpen_and_studies_that_differ_widen() -> None:
    agreeing = [Study(roas=2.0, standard_error=0.4), Study(roas=2.1, standard_error=0.4)]
    differing = [Study(roas=1.0, standard_error=0.2), Study(roas=4.0, standard_error=0.8)]
    assert pool(agreeing)[1] < pool(agreeing[:1])[1] == pytest.approx(agreeing[0].log_moments()[1])
    assert pool(differing)[1] > 3 * pool(differing[:1])[1]
    assert PositivePrior(studies=tuple(agreeing)).log_moments() == pool(agreeing)

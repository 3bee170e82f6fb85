"""model.yaml: defaults, and one sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.exceptions import SpecError
from mmm.model.priors import Z95, PositivePrior, SharePrior, beta_quantiles
from mmm.model.spec import ModelSpec, Sampling, SaturationForm, Trend
from tests.test_mmm.test_model.geo_market import geo_spec
from tests.test_mmm.test_model.market import MODEL


def read(folder: Path, extra: str) -> ModelSpec:
    path = folder / "model.yaml"
    path.write_text(MODEL + extra, encoding="utf-8")
    return ModelSpec.from_yaml(path)


def test_defaults(tmp_path: Path) -> None:
    spec = read(tmp_path, "")
    assert spec.saturation is SaturationForm.HILL
    assert spec.trend is Trend.LINEAR
    assert (spec.seasonality, spec.holidays, spec.fiscal_year_start) == (2, None, 1)
    assert spec.media == ("tv", "search", "letters")


def test_lift_tests_are_a_file_name(tmp_path: Path) -> None:
    assert read(tmp_path, "lift_tests: tests.csv\n").lift_tests == "tests.csv"


def test_saturation_by_channel(tmp_path: Path) -> None:
    spec = read(tmp_path, "saturation: {tv: logistic}\n")
    assert [spec.form(name) for name in spec.media] == ["logistic", "hill", "hill"]


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ("lift_tests: [tests.csv]\n", "line 7, lift_tests: input should be a valid string"),
        ("saturation: {radio: hill}\n", "'radio', which is not a channel"),
        ("saturation: cubic\n", "saturation"),
        ("priors: {channels: {radio: {}}}\n", "'radio', which is not a channel"),
        ("priors: {channels: {letters: {roas: {median: 1, q95: 2}}}}\n", "cannot be stated of an organic channel"),
        ("priors: {roas: {median: 2, q95: 1}}\n", "'q95' must be larger than 'median'"),
        ("priors: {roas: {median: 2}}\n", "either 'median' and 'q95', or 'low' and 'high', or"),
        ("priors: {roas: {median: 2, q95: 3, mu: 0}}\n", "either 'median' and 'q95', or 'low' and 'high', or"),
        (
            "priors: {half_life: {median: 1, q95: 4}, carryover: {median: 0.3, q95: 0.6}}\n",
            "'half_life' or 'carryover', not both",
        ),
        ("priors: {rosa: {median: 2, q95: 3}}\n", "the key 'rosa' is not known"),
        ("seasonality: -1\n", "seasonality"),
        ("sampling: {chains: 0}\n", "sampling"),
        ("sampling: {chains: 1}\n", "judged on the other: give 2 or more"),
    ],
)
def test_refused_with_place_and_remedy(tmp_path: Path, extra: str, says: str) -> None:
    text = MODEL.replace("sampling: {chains: 4, tune: 400, draws: 400, target_accept: 0.9}\n", "") + extra
    path = tmp_path / "model.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        ModelSpec.from_yaml(path)
    assert says in str(caught.value)
    assert "model.yaml" in str(caught.value)


def test_log_normal_has_the_stated_quantiles() -> None:
    mu, sigma = PositivePrior(median=2.0, q95=5.0).log_moments()
    assert (mu, mu + Z95 * sigma) == pytest.approx((0.6931472, 1.6094379))


@pytest.mark.parametrize(("median", "q95"), [(0.1, 0.3), (0.4, 0.75), (0.8, 0.95)])
def test_beta_has_the_stated_quantiles(median: float, q95: float) -> None:
    _, middle, high = beta_quantiles(*SharePrior(median=median, q95=q95).beta_parameters())
    assert (middle, high) == pytest.approx((median, q95), abs=2e-3)


def test_half_life_and_retention_say_the_same(tmp_path: Path) -> None:
    spec = read(tmp_path, "priors: {half_life: {median: 1, q95: 2}}\n")
    found = spec.priors.stated("tv").carryover_parameters()
    assert found is not None
    _, middle, high = beta_quantiles(*found)
    assert (middle, high) == pytest.approx((0.5, 0.5**0.5), abs=2e-3)


def test_a_channels_own_prior_comes_before_everyones(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        "priors: {carryover: {median: 0.3, q95: 0.6}, roas: {median: 1, q95: 3},\n"
        "  channels: {tv: {half_life: {median: 2, q95: 4}}}}\n",
    )
    assert spec.priors.stated("tv").carryover is None
    assert spec.priors.stated("tv").roas == PositivePrior(median=1, q95=3)
    assert spec.priors.stated("search").carryover == SharePrior(median=0.3, q95=0.6)


def test_geos_have_their_own_defaults_of_sampling() -> None:
    def sampling(**changes: object) -> Sampling:
        return geo_spec(**{"sampling": {}, **changes}).sampling

    assert (sampling().tune, sampling().target_accept) == (500, 0.8)
    assert (sampling().draws, sampling().chains) == (Sampling().draws, Sampling().chains)
    assert sampling(sampling={"tune": 700}) == Sampling(tune=700, target_accept=0.8)
    assert sampling(noise="student_t") == Sampling(tune=1000)
    again = ModelSpec.model_validate(geo_spec(sampling={}).model_dump(mode="json"))
    assert again.sampling == sampling()

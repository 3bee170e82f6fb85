"""The equations follow the spec."""

from __future__ import annotations

from typing import Any

import pytest

from mmm.model.equations import equations
from mmm.model.spec import ModelSpec

LEAST: dict[str, Any] = {
    "data": {"file": "weekly.csv", "date": "week", "outcome": "revenue"},
    "channels": {"tv_spot": {"spend": "a"}, "search": {"spend": "b"}},
}


def written(**more: Any) -> list[str]:
    text = equations(ModelSpec.model_validate(LEAST | more))
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == (r"\begin{aligned}", r"\end{aligned}")
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    for line in lines[1:-1]:
        assert line.count(" &= ") + line.count(r" &\sim ") + line.startswith("&") == 1
    return lines[1:-1]


def test_the_least_model() -> None:
    lines = written()
    assert lines[3].startswith(r"f_c(u) &= \frac{u}{u + k_{c}}")
    assert not any("q_t" in line or "share" in line or "_g" in line for line in lines)


@pytest.mark.parametrize(
    ("more", "inside"),
    [
        ({"trend": "none"}, r"b_{t} &= \mu + \textstyle\sum"),
        ({"trend": "piecewise", "trend_knots": 3}, r"\sum_{j=1}^{3} \delta_j (t - t_j)_+"),
        ({"seasonality": 0, "trend": "none"}, r"b_{t} &= \mu \\"),
        ({"holidays": "DE"}, r"\text{holiday}_{ht}"),
        ({"controls": ["price %"]}, r"\kappa_{\text{price \%}}"),
        ({"saturation": {"search": "logistic"}}, r"\tanh"),
        ({"saturation": {"search": "logistic"}}, r"c \in \{\text{tv\_spot}\}"),
        ({"saturation": "hill_free_slope"}, r"u^{n_{c}}"),
        ({"demand_index": "yearly"}, r"\beta_{c}\, q_t^{(c)}\, f_c"),
        ({"organic": ["letters"]}, r"\mathrm{share}_c"),
        ({"priors": {"channels": {"search": {"mroas": {"low": 1, "high": 2}}}}}, r"\mathrm{mROAS}_c"),
        ({"trend": "flexible"}, r"\text{knot}_{jt}"),
        ({"noise": "student_t"}, r"\mathrm{StudentT}_\nu(0, \sigma)"),
        (
            {"data": LEAST["data"] | {"geo": "region"}, "pooling": {"half_saturation": "partial"}},
            r"\log(k_{cg} / k_c) &\sim \mathrm{Normal}(0, \tau_k^2)",
        ),
        (
            {"data": LEAST["data"] | {"geo": "region"}, "pooling": {"carryover": "partial"}},
            r"a_{cgt} &= \alpha_{cg}\, a_{cg,t-1}",
        ),
        ({"data": LEAST["data"] | {"geo": "region"}}, r"a_{cgt} &= \alpha_{c}\, a_{c,t-1}"),
        ({"data": LEAST["data"] | {"geo": "region"}}, r"s_t \sim \mathrm{Normal}(0, \tau_s^2)"),
    ],
)
def test_what_the_spec_says_is_in_them(more: dict[str, Any], inside: str) -> None:
    assert any(inside in line for line in written(**more))

r"""The model as configured, in LaTeX: what is fitted, form by form.

The outcome is in mean weekly outcomes and media in typical (mean non-zero) weeks, as the sampler sees them.
"""

from __future__ import annotations

from mmm.model.spec import DemandForm, ModelSpec, Noise, Pool, SaturationForm, Trend

_FORMS = {
    SaturationForm.HILL: r"\frac{u}{u + k_{K}}",
    SaturationForm.LOGISTIC: r"\tanh\!\Big(\frac{\ln 3}{2}\,\frac{u}{k_{K}}\Big)",
    SaturationForm.HILL_FREE_SLOPE: r"\frac{u^{n_{N}}}{u^{n_{N}} + k_{K}^{n_{N}}}",
}
_WAVE = r"\big(\gamma_j \sin \tfrac{2\pi j t}{52.18} + \eta_j \cos \tfrac{2\pi j t}{52.18}\big)"
#: Characters that LaTeX would read as commands inside \text{}.
_ESCAPES = str.maketrans({c: f"\\{c}" for c in "&%$#_{}"} | {"~": r"\sim ", "^": r"\^{}", "\\": r"\backslash "})


def equations(spec: ModelSpec) -> str:
    """Return the model's equations as one LaTeX ``aligned`` block, for a notebook's ``Math`` or a paper.

    Parameters
    ----------
    spec : ModelSpec

    Returns
    -------
    str
        Without dollar signs. Indices: week t, channel or organic medium c, geo g (panels with ``data.geo`` only).
    """
    lines = [_outcome(spec), _baseline(spec), _adstock(spec), *_saturations(spec), *_demand(spec), *_sizes(spec)]
    lines += _pooling(spec)
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _name(text: str) -> str:
    return rf"\text{{{text.translate(_ESCAPES)}}}"


def _at(spec: ModelSpec, index: str) -> str:
    """Return an index with the geo where there are geos: ``t`` becomes ``gt``."""
    return f"g{index}" if spec.data.geo is not None else index


def _media(spec: ModelSpec, pool: Pool) -> str:
    """Return the index of a medium's parameter: c, or cg where geos differ in it."""
    return "cg" if spec.data.geo is not None and pool is Pool.PARTIAL else "c"


def _outcome(spec: ModelSpec) -> str:
    t, c = _at(spec, "t"), _media(spec, spec.pooling.size)
    q = "q_t^{(c)}\\, " if spec.demand_index is DemandForm.YEARLY else ""
    sigma = r"\sigma_g" if spec.data.geo is not None else r"\sigma"
    law = rf"\mathrm{{Normal}}(0, {sigma}^2)"
    if spec.noise is Noise.STUDENT_T:
        law = rf"\mathrm{{StudentT}}_\nu(0, {sigma})"
    noise = rf"\varepsilon_{{{t}}} \sim {law}"
    shock = ""
    if spec.data.geo is not None and spec.week_shocks:
        shock, noise = "s_t + ", rf"{noise},\quad s_t \sim \mathrm{{Normal}}(0, \tau_s^2)"
    media = rf"\sum_c \beta_{{{c}}}\, {q}f_c(a_{{c{t}}})"
    return rf"y_{{{t}}} &= b_{{{t}}} + {media} + {shock}\varepsilon_{{{t}}}, \qquad {noise}"


def _baseline(spec: ModelSpec) -> str:
    t = _at(spec, "t")
    terms = ["\\mu_g" if spec.data.geo is not None else "\\mu"]
    if spec.trend is Trend.LINEAR:
        terms.append(r"\delta\, t")
    elif spec.trend is Trend.PIECEWISE:
        terms.append(rf"\delta\, t + \sum_{{j=1}}^{{{spec.trend_knots}}} \delta_j (t - t_j)_+")
    elif spec.trend is Trend.FLEXIBLE:
        terms.append(r"\delta\, t + \omega \textstyle\sum_j \delta_j\, \text{knot}_{jt}")
    if spec.seasonality:
        terms.append(rf"\textstyle\sum_{{j=1}}^{{{spec.seasonality}}} {_WAVE}")
    if spec.holidays is not None:
        terms.append(r"\sum_h \lambda_h\, \text{holiday}_{ht}")
    terms += [rf"\kappa_{{{_name(name)}}}\, z_{{{_name(name)},{t}}}" for name in spec.controls]
    return rf"b_{{{t}}} &= {' + '.join(terms)}"


def _adstock(spec: ModelSpec) -> str:
    t, c = _at(spec, "t"), _media(spec, spec.pooling.carryover)
    return rf"a_{{c{t}}} &= \alpha_{{{c}}}\, a_{{{c},t-1}} + (1 - \alpha_{{{c}}})\, x_{{c{t}}}"


def _saturations(spec: ModelSpec) -> list[str]:
    forms: dict[SaturationForm, list[str]] = {}
    for name in spec.media:
        forms.setdefault(spec.form(name), []).append(name)
    k, n = _media(spec, spec.pooling.half_saturation), _media(spec, spec.pooling.slope)
    lines = []
    for form, names in forms.items():
        who = "" if len(forms) == 1 else _which(names)
        lines.append(rf"f_c(u) &= {_FORMS[form].replace('{K}', f'{{{k}}}').replace('{N}', f'{{{n}}}')}{who}")
    return lines


def _demand(spec: ModelSpec) -> list[str]:
    if spec.demand_index is DemandForm.NONE:
        return []
    return [
        r"q_t^{(c)} &= e^{\phi_t} \Big/ \tfrac1T \textstyle\sum_s e^{\phi_s}\ \text{for paid media, 1 for organic}",
        rf"\phi_t &= \textstyle\sum_{{j=1}}^{{2}} {_WAVE.replace('gamma', 'xi').replace('eta', 'zeta')}",
    ]


def _sizes(spec: ModelSpec) -> list[str]:
    """Say what betas are made of: a medium's stated size over its size at beta 1, carryover past the end included."""
    t = _at(spec, "t")
    groups: dict[str, list[str]] = {}
    for name in spec.channels:
        groups.setdefault("mroas" if spec.priors.stated(name).mroas is not None else "roas", []).append(name)
    if spec.organic:
        groups["share"] = list(spec.organic)
    q = r"\, q_t^{(c)}" if spec.demand_index is DemandForm.YEARLY else ""
    tilt = r"\, \tfrac{\beta_{cg}}{\beta_c}" if _media(spec, spec.pooling.size) == "cg" else ""
    lost = rf"\textstyle\sum_{{{t}}} v_{{{t}}}{tilt}{q} \big[f_c(a_{{c{t}}}) - f_c(a^0_{{c{t}}})\big]"
    margin = rf"\textstyle\sum_{{{t}}} v_{{{t}}}{tilt}{q}\, f_c'(a_{{c{t}}})\, (a_{{c{t}}} - a^0_{{c{t}}})"
    definitions = {
        "roas": rf"\mathrm{{ROAS}}_c \cdot \mathrm{{spend}}_c \Big/ {lost}",
        "mroas": rf"\mathrm{{mROAS}}_c \cdot \mathrm{{spend}}_c \Big/ {margin}",
        "share": rf"\mathrm{{share}}_c \cdot \textstyle\sum_{{{t}}} v_{{{t}}} y_{{{t}}} \Big/ {lost}",
    }
    several = len(groups) > 1
    meaning = r"a^0:\ \text{adstock without the medium in the window};\quad v:\ \text{value of an outcome}"
    return [
        *(rf"\beta_c &= {definitions[kind]}{_which(names) if several else ''}" for kind, names in groups.items()),
        rf"&\phantom{{=}}\ {meaning}",
    ]


def _which(names: list[str]) -> str:
    return rf", \qquad c \in \{{{', '.join(_name(name) for name in names)}\}}"


def _pooling(spec: ModelSpec) -> list[str]:
    """Say what differs between geos, and by how much: around the common value, by a learned spread."""
    if spec.data.geo is None:
        return []
    free = any(spec.form(name) is SaturationForm.HILL_FREE_SLOPE for name in spec.media)
    laws = {
        r"\log(\beta_{cg} / \beta_c)": (spec.pooling.size, r"\tau_{\beta c}"),
        r"\operatorname{logit} \alpha_{cg} - \operatorname{logit} \alpha_c": (spec.pooling.carryover, r"\tau_\alpha"),
        r"\log(k_{cg} / k_c)": (spec.pooling.half_saturation, r"\tau_k"),
        r"\log(n_{cg} / n_c)": (spec.pooling.slope if free else Pool.COMPLETE, r"\tau_n"),
    }
    return [
        rf"{left} &\sim \mathrm{{Normal}}(0, {spread}^2)"
        for left, (pool, spread) in laws.items()
        if pool is Pool.PARTIAL
    ]

"""``describe_model``: the whole model before it is fitted, for a notebook."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mmm.findings import Finding, Severity
from mmm.model.build import CustomTerm, build_model
from mmm.model.describe import GIVEN, prior_table
from mmm.model.distributions import Parameter
from mmm.model.equations import equations
from mmm.model.form import Choice, Form, choose_form
from mmm.model.graph_text import dot, variables
from mmm.model.media_priors import Maker
from mmm.model.prepared import prepare
from mmm.model.prior_predictive import DRAWS, prior_draws
from mmm.model.prior_words import findings, picture, sentences
from mmm.model.spec import ModelSpec

if TYPE_CHECKING:
    import pandas as pd

    from mmm.data.panel import Panel


@dataclass(frozen=True, eq=False, repr=False)
class ModelDescription:
    """A model before it is fitted; a notebook shows all of it.

    Attributes
    ----------
    spec : ModelSpec
        Of what the panel holds.
    form : Choice
        Fast or general, and why.
    equations : str
        LaTeX, without dollar signs.
    priors : DataFrame
        As :func:`mmm.prior_table`.
    sentences : tuple of str
        What the priors say of these data.
    findings : tuple of Finding
        Whether that can be meant.
    variables : DataFrame
        Every random variable, its distribution, its dimensions and what it enters.
    graph : str
        The graph as DOT text.
    """

    spec: ModelSpec
    form: Choice
    equations: str
    priors: pd.DataFrame
    sentences: tuple[str, ...]
    findings: tuple[Finding, ...]
    variables: pd.DataFrame
    graph: str

    def __repr__(self) -> str:
        return "\n".join(
            [f"Form: {self.form.form}. {self.form.why}", *self.sentences, self.priors.to_string(index=False)]
        )

    def _repr_html_(self) -> str:
        warned = "".join(
            f"<p><b>{html.escape(str(one.severity))}</b>: {html.escape(one.says)} {html.escape(one.do)}</p>"
            for one in self.findings
            if one.severity is not Severity.OK
        )
        said = "".join(f"<li>{html.escape(one)}</li>" for one in self.sentences)
        return (
            f"<p><b>Form: {html.escape(str(self.form.form))}.</b> {html.escape(self.form.why)}</p>"
            f"<p>$$\n{html.escape(self.equations)}\n$$</p>"
            f"<p><b>What the priors say of these data</b></p><ul>{said}</ul>{warned}"
            f"<p><b>Priors</b></p>{self.priors.round(3).to_html(index=False)}"
            f"<details><summary>Random variables</summary>{self.variables.to_html(index=False)}</details>"
            f"<details><summary>Graph (DOT)</summary><pre>{html.escape(self.graph)}</pre></details>"
        )

    def _repr_markdown_(self) -> str:
        said = "\n".join(f"- {one}" for one in (*self.sentences, *_warned(self.findings)))
        return (
            f"**Form: {self.form.form}.** {self.form.why}\n\n$$\n{self.equations}\n$$\n\n"
            f"**What the priors say of these data**\n\n{said}\n\n"
            f"**Priors**\n\n{_markdown(self.priors.round(3))}\n\n"
            f"**Random variables**\n\n{_markdown(self.variables)}\n\n```dot\n{self.graph}\n```\n"
        )


def describe_model(
    spec: ModelSpec,
    panel: Panel,
    *,
    own_priors: Mapping[tuple[Parameter, str], Maker] | None = None,
    custom_term: CustomTerm | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> ModelDescription:
    """Describe the model that :func:`mmm.fit_model` would fit: equations, priors, what they say, graph; nothing is run.

    Parameters
    ----------
    spec : ModelSpec
    panel : Panel
        From :func:`mmm.read_panel`.
    own_priors, custom_term
        As :func:`mmm.fit_model` takes them. The prior sentences leave them out, and say so.
    draws : int
        Of the priors, for the sentences.
    seed : int
        Of those draws.

    Raises
    ------
    SpecError, DataError
        The panel cannot be fitted as the spec asks.
    """
    prepared = prepare(spec, panel)
    plain = build_model(prepared, Form.PLAIN, own_priors=own_priors, custom_term=custom_term)
    found = picture(prior_draws(spec, panel, draws, seed))
    left_out = [f"the {parameter} of {name}" for parameter, name in own_priors or ()]
    left_out += ["the custom term"] if custom_term is not None else []
    note = (f"Not in these sentences, because {GIVEN}: {', '.join(left_out)}.",) if left_out else ()
    return ModelDescription(
        spec=prepared.spec,
        form=choose_form(prepared.spec, custom_term=custom_term is not None),
        equations=equations(prepared.spec),
        priors=prior_table(spec, panel, own_priors=own_priors or ()),
        sentences=(*sentences(found), *note),
        findings=findings(found),
        variables=variables(plain),
        graph=dot(plain),
    )


def _warned(found: tuple[Finding, ...]) -> list[str]:
    return [f"**{one.severity}**: {one.says} {one.do}" for one in found if one.severity is not Severity.OK]


def _markdown(table: pd.DataFrame) -> str:
    rows = [list(table.columns), ["---"] * len(table.columns), *table.astype(str).to_numpy().tolist()]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows)

"""``fit_model``: a pure function of (spec, panel, seed); and the :class:`Fit` that it returns."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from mmm.arrays import FloatArray
from mmm.data.lift_tests import LiftTest
from mmm.data.report import DataReport
from mmm.findings import Finding
from mmm.model.form import Form
from mmm.model.spec import ModelSpec
from mmm.response.draws import ResponseDraws

if TYPE_CHECKING:
    import pandas as pd
    import pymc as pm
    from plotly.graph_objects import Figure

    from mmm.data.panel import Panel
    from mmm.model.build import CustomTerm
    from mmm.model.calibration import Calibration
    from mmm.model.diagnostics import Diagnostics
    from mmm.model.distributions import Parameter
    from mmm.model.media_priors import Maker
    from mmm.model.predictive import Predictive
    from mmm.model.prior_values import ResolvedPriors
    from mmm.model.prior_words import PriorPicture
    from mmm.model.sampling import ChainStore
    from mmm.model.verdict import Verdict


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """A fitted model: what it was made of, the posterior, and what it says of itself.

    Attributes
    ----------
    spec : ModelSpec
        Of what was fitted: columns that the data room left out are not in it.
    response : ResponseDraws
        The posterior as plain arrays in raw units, for curves, plans and scenarios.
    draws : xarray.DataTree
        The posterior for arviz: ``posterior``, ``sample_stats``, ``observed_data``, ``constant_data``.
    data_report : DataReport
        Findings and ledger of the panel.
    source_hash : str
        SHA-256 of the data file.
    seed : int
    seconds_compiling, seconds_sampling, seconds_total : float
    lift_tests : tuple of LiftTest
        Experiments that the fit was calibrated with.
    calibration : tuple of Calibration
        Each of them beside what the model says with and without it.
    form : Form
        Whether the linear part was integrated out (fast) or sampled (general).
    form_why, route_why : str
        One sentence on each: why this form, and how the model reached the sampler.
    own_priors : tuple of (Parameter, str)
        Parameters of media whose prior was given in Python.
    """

    spec: ModelSpec
    response: ResponseDraws
    draws: xr.DataTree
    data_report: DataReport
    source_hash: str
    seed: int
    seconds_compiling: float
    seconds_sampling: float
    seconds_total: float
    lift_tests: tuple[LiftTest, ...] = ()
    calibration: tuple[Calibration, ...] = ()
    form: Form = Form.FAST
    form_why: str = ""
    route_why: str = ""
    own_priors: tuple[tuple[Parameter, str], ...] = ()

    @cached_property
    def roas(self) -> FloatArray:
        """ROAS draws, (C, S)."""
        from mmm.response.metrics import roas  # noqa: PLC0415

        return roas(self.response).to_numpy()

    @cached_property
    def mroas(self) -> FloatArray:
        """Marginal ROAS draws at the fitted spend, (C, S)."""
        from mmm.response.metrics import mroas  # noqa: PLC0415

        return mroas(self.response).to_numpy()

    @cached_property
    def contributions(self) -> FloatArray:
        """Contribution draws of paid channels over the fitted window, (C, S)."""
        return self.roas * self.response.spend.sum(axis=(1, 2))[:, None]

    @cached_property
    def priors(self) -> ResolvedPriors:
        """Every media prior as it was used."""
        from mmm.model.resolve import resolve_for  # noqa: PLC0415

        return resolve_for(self.spec, self.response)

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """Convergence."""
        from mmm.model.diagnostics import diagnose  # noqa: PLC0415

        return diagnose(self.draws)

    @cached_property
    def predictive(self) -> Predictive:
        """The posterior predictive by fitted week."""
        from mmm.model.predictive import predict_fitted  # noqa: PLC0415

        return predict_fitted(self.response, self.seed)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every check of the fit, gravest first."""
        from mmm.model.health import check_fit  # noqa: PLC0415

        return check_fit(self)

    @property
    def n_parameters(self) -> int:
        """Number of parameters, the linear part included."""
        from mmm.model.prepared import count_parameters  # noqa: PLC0415

        return count_parameters(self.spec, self.response.baseline.coef.shape[0])

    @cached_property
    def verdict(self) -> Verdict:
        """Whether to trust the fit, in sentences."""
        from mmm.model.verdict import decide  # noqa: PLC0415

        return decide(self.findings)

    @cached_property
    def prior_picture(self) -> PriorPicture:
        """What the priors of model.yaml say of these data before the outcomes are looked at."""
        from mmm.model.prior_predictive import prior_draws  # noqa: PLC0415
        from mmm.model.prior_words import picture  # noqa: PLC0415
        from mmm.model.validation.rebuild import panel_of  # noqa: PLC0415

        return picture(prior_draws(self.spec, panel_of(self)))

    def pymc_model(self, form: Form = Form.PLAIN, **own: Any) -> pm.Model:
        """Return the PyMC model of this fit's data: readable PyTensor throughout, for PyMC's own tools.

        ``own_priors`` and ``custom_term``, if the fit was made with any, are given again: a fit keeps no code.
        """
        from mmm.model.build import build_model  # noqa: PLC0415
        from mmm.model.prepared import prepare  # noqa: PLC0415
        from mmm.model.validation.rebuild import panel_of  # noqa: PLC0415

        return build_model(prepare(self.spec, panel_of(self)), form, **own)

    def predict(self, weeks: int = 13, **options: Any) -> pd.DataFrame:
        """Predict the outcome of future weeks; options and result as :func:`mmm.predict`."""
        from mmm.response.predict import predict  # noqa: PLC0415

        return predict(self.response, weeks, **options)

    def decomposition(self, *, geo: str | None = None) -> xr.DataArray:
        """Return draws of every part of each week's expected outcome; see :func:`mmm.decomposition`."""
        from mmm.response.decompose import decomposition  # noqa: PLC0415

        return decomposition(self.response, geo=geo)

    def returns_table(self, *, by_geo: bool = False) -> pd.DataFrame:
        """Return ROAS, mROAS and contribution by channel (and geo): ``measure``, mean, 5, 50 and 95 %, unit."""
        from mmm.model.plots_data import returns  # noqa: PLC0415

        return returns(self, by_geo=by_geo)

    def contributions_table(self) -> pd.DataFrame:
        """Return each medium's effect by week with its 90 % interval, carry-in included."""
        from mmm.response.labelled import table, weekly_contributions  # noqa: PLC0415

        return table(weekly_contributions(self.response))

    def summary(self) -> dict[str, Any]:
        """Return the content of ``summary.json``."""
        from mmm.model.summary import summary  # noqa: PLC0415

        return summary(self)

    def save(self, folder: str | Path) -> None:
        """Write the fit as ``mixwise fit`` does: a completed run folder, which ``plan`` and ``simulate`` take.

        Parameters
        ----------
        folder : path
            New, empty, or an earlier run, which is replaced.

        Raises
        ------
        SpecError
            The folder holds files of others, or another run is writing to it.
        """
        from mmm.model.run_folder import write_run  # noqa: PLC0415

        write_run(self, Path(folder), {})

    @classmethod
    def load(cls, folder: str | Path) -> Fit:
        """Read a fit that :meth:`save` or ``mixwise fit`` wrote; hashes are checked where there is a marker.

        Raises
        ------
        DataError
            Unfinished, damaged or changed.
        """
        from mmm.model.storage import load_fit  # noqa: PLC0415

        return load_fit(Path(folder))

    def plot_roas(self) -> Figure:
        """Draw ROAS by channel with 90 % intervals, prior beside posterior."""
        from mmm.model import plots  # noqa: PLC0415

        return plots.roas(self)

    def roas_data(self) -> pd.DataFrame:
        """Return ROAS and its prior by channel, with 90 % intervals."""
        from mmm.model import plots_data  # noqa: PLC0415

        return plots_data.roas(self)

    def plot_roas_by_geo(self) -> Figure:
        """Draw each channel's ROAS in each geo, with 90 % intervals."""
        from mmm.model import plots  # noqa: PLC0415

        return plots.roas_by_geo(self)

    def lift_tests_data(self) -> pd.DataFrame:
        """Return every experiment as measured, by data and priors alone, and in the calibrated fit."""
        from mmm.model import plots_data  # noqa: PLC0415

        return plots_data.lift_tests(self)

    def plot_fit(self) -> Figure:
        """Draw the outcome by week with the predictive 90 % interval."""
        from mmm.model import plots  # noqa: PLC0415

        return plots.by_week(self)

    def fit_data(self) -> pd.DataFrame:
        """Return outcome, predictive, residual and baseline by week."""
        from mmm.model import plots_data  # noqa: PLC0415

        return plots_data.by_week(self)

    def plot_contributions(self) -> Figure:
        """Draw mean contributions over time, baseline included."""
        from mmm.model import plots  # noqa: PLC0415

        return plots.contributions(self)

    def contributions_data(self) -> pd.DataFrame:
        """Return mean contributions by week, baseline included."""
        from mmm.model import plots_data  # noqa: PLC0415

        return plots_data.contributions(self)

    def plot_response_curve(self, channel: str) -> Figure:
        """Draw a paid channel's response curve with its interval and the observed range of spend."""
        from mmm.model import plots  # noqa: PLC0415

        return plots.response_curve(self, channel)

    def response_curve_data(self, channel: str) -> pd.DataFrame:
        """Return a paid channel's response by steady weekly spend, with its 90 % interval."""
        from mmm.model import plots_data  # noqa: PLC0415

        return plots_data.response_curve(self, channel)

    def plot_calibration(self) -> Figure:
        """Draw how far left-out weeks are from where the model expects them."""
        from mmm.model import plots  # noqa: PLC0415

        return plots.calibration(self)

    def calibration_data(self) -> pd.DataFrame:
        """Return leave-one-out by observation: probability, log-density, Pareto k."""
        from mmm.model import plots_data  # noqa: PLC0415

        return plots_data.calibration(self)

    def __repr__(self) -> str:
        from mmm.model.fit_html import fit_text  # noqa: PLC0415

        return fit_text(self)

    def _repr_html_(self) -> str:
        from mmm.model.fit_html import fit_html  # noqa: PLC0415

        return fit_html(self)


def fit_model(
    spec: ModelSpec,
    panel: Panel,
    *,
    seed: int | None = None,
    progress: bool = True,
    store: ChainStore | None = None,
    own_priors: Mapping[tuple[Parameter, str], Maker] | None = None,
    custom_term: CustomTerm | None = None,
) -> Fit:
    """Fit the model to a panel.

    Parameters
    ----------
    spec : ModelSpec
    panel : Panel
        From :func:`mmm.read_panel`.
    seed : int, optional
        The same seed gives the same draws; default: chosen, and recorded in the fit.
    progress : bool
        Whether to show a bar on standard error.
    store : ChainStore, optional
        Where finished chains are kept, so that an interrupted fit goes on where it was.
    own_priors : Mapping, optional
        Any PyMC prior: (parameter, medium) → a function that takes a name and makes the random variable of that name,
        as in ``{(Parameter.ROAS, "tv"): lambda name: pm.Gamma(name, 4, 2)}``. ROAS, carryover, half-saturation (in
        typical weeks), slope, or share of the outcome.
    custom_term : callable, optional
        A term of one's own in the mean: takes the prepared panel (:class:`mmm.model.prepared.Prepared`), makes its
        random variables in the model's context, and returns a (geos, weeks) tensor in the model's outcome unit (a
        typical week, ``prepared.outcome_scale``). It asks for the general form. The response draws leave it out: it
        is neither media nor baseline, so a plan does not count on it.

    Returns
    -------
    Fit
        ``fit.verdict`` says whether to trust it; a fit that fails is returned too, and says so.

    Raises
    ------
    SpecError, DataError
        The panel cannot be fitted as the spec asks.
    FitError
        The sampler could not start.
    """
    from mmm.model.build import build_model  # noqa: PLC0415
    from mmm.model.calibration import calibrations, uncalibrated  # noqa: PLC0415
    from mmm.model.form import choose_form  # noqa: PLC0415
    from mmm.model.posterior import predicted_lift, read_draws, respond  # noqa: PLC0415
    from mmm.model.prepared import prepare  # noqa: PLC0415
    from mmm.model.sampling import sample  # noqa: PLC0415
    from mmm.model.tree import posterior_tree  # noqa: PLC0415

    started = time.perf_counter()
    seed = secrets.randbelow(2**31) if seed is None else seed
    prepared = prepare(spec, panel)
    choice = choose_form(prepared.spec, custom_term=custom_term is not None)
    model = build_model(prepared, choice.form, own_priors=own_priors, custom_term=custom_term)
    sampled = sample(model, spec.sampling, seed=seed, progress=progress, store=store)
    rng = np.random.default_rng([seed, 1])
    draws, response = respond(prepared, sampled.tree, rng, form=choice.form, own_priors=own_priors)
    tested: tuple[Calibration, ...] = ()
    if panel.lift_tests:
        # What the data alone would say of each test: the same code with other data, so seconds and no compiling.
        bare = build_model(uncalibrated(prepared), choice.form, own_priors=own_priors, custom_term=custom_term)
        alone = sample(bare, spec.sampling, seed=seed, progress=progress)
        tested = calibrations(
            prepared,
            predicted_lift(prepared, draws),
            predicted_lift(prepared, read_draws(prepared, alone.tree["posterior"].dataset, own_priors)),
        )
    return Fit(
        spec=prepared.spec,
        response=response,
        draws=posterior_tree(prepared, sampled.tree, draws, response),
        data_report=panel.report,
        source_hash=panel.source_hash,
        seed=seed,
        seconds_compiling=sampled.seconds_compiling,
        seconds_sampling=sampled.seconds_sampling,
        seconds_total=time.perf_counter() - started,
        lift_tests=panel.lift_tests,
        calibration=tested,
        form=choice.form,
        form_why=choice.why,
        route_why=sampled.why,
        own_priors=tuple(own_priors or ()),
    )

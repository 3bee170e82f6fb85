"""What stands under the tables: what the figures mean, and what every tool was asked."""

from __future__ import annotations

MEANING = (
    (
        "Regret: (V* − V)/V*, V the true incremental media outcome of the 13 planned weeks and their carryover; V* "
        "is the best plan that the truth's search or any tool found under the same constraints: the budget of the "
        "last 13 weeks, each channel's total within ±30 % of its own, no week above 1.5 times the largest "
        "observed."
    ),
    (
        "Uplift captured: Σ (V − V of the current plan) / Σ (V* − V of the current plan) over markets. Regret of "
        "the split alone: every plan's channel totals spread evenly over the weeks, against the best totals spread "
        "so; it judges how much each channel gets, whatever the weeks."
    ),
    (
        "Uplifts are in shares of the budget. ± is one standard error over markets; markets of one world are "
        "alike, so it says nothing of worlds that are not here. A tool that gives no fit keeps the current plan, "
        "and is counted."
    ),
)

WHO = (
    (
        "Mixwise: the package's defaults, through the same data file; it plans every week. 'Totals only' is the "
        "same fit, planned by channel totals whose weeks keep the current pattern: what the peers can decide."
    ),
    (
        "PyMC-Marketing: geometric adstock over 12 weeks, logistic saturation, its own priors, two yearly waves, a "
        "linear trend, scaled controls (organic channels as controls); 4 chains of 1000 + 1000 with nutpie; its "
        "budget_optimizer, whose plan is one amount a week and channel. Where that ends with an error ('failed "
        "search'), the plan is where it stopped (return_if_fail)."
    ),
    (
        "Meridian: ModelSpec() as it is, 4 chains of 500 + 500 + 1000; its BudgetOptimizer over the last 13 weeks, "
        "whose ratio is laid on the current weeks. '+ season': a trend and two yearly waves given as controls, "
        "since its national default has neither. Neither peer is given holidays; Mixwise is, where the world has "
        "them."
    ),
    (
        "The peers' ROAS and uplift are worked out from their own posteriors, week by week, in the words of this "
        "table (carry-in and carryover counted), for they report no interval of an uplift over weeks that vary."
    ),
    "Rules keep the current weeks' pattern, within the same bounds; 'proportional to ROAS' takes Mixwise's ROAS.",
)

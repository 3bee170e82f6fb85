"""Finance's review: the scenarios of scenarios.yaml, and the plan of quarterly_plan.py, against business as usual.

$ python examples/quarterly_plan.py
$ python examples/review_scenarios.py
"""

import shutil
from pathlib import Path

from mmm import load_response
from simulations import ScenarioSet, compare, simulate

HERE = Path(__file__).resolve().parent
OUT = HERE / "output"

# A scenario file may name only files of its own folder, so it stands beside the plan.
shutil.copyfile(HERE / "company" / "scenarios.yaml", OUT / "scenarios.yaml")
with (OUT / "scenarios.yaml").open("a", encoding="utf-8") as file:
    file.write("  as_planned:       [{plan: plan.csv}]\n")

results = simulate(load_response(OUT / "fit"), ScenarioSet.from_yaml(OUT / "scenarios.yaml"), seed=1)
pairs = compare(results).set_index(["against", "scenario"]).loc["business_as_usual"]

print(f"{len(results.weeks)} weeks from {results.weeks[0]}, {results.n_draws} paired draws; {results.currency}")
print(f"{'scenario':<16}{'spend':>12}{'outcome':>12}  {'90 % interval':<26}{'P(more profit)':>14}")
for name, row in pairs.iterrows():
    interval = f"{row.q05:+,.0f} to {row.q95:+,.0f}"
    print(f"{name:<16}{row.spend_change:>+12,.0f}{row['mean']:>+12,.0f}  {interval:<26}{row.p_more_profit:>14.0%}")

best = pairs["p_more_profit"].idxmax()
print(f"Most likely to earn more than business as usual: {best}. {results[best].says}")
pairs.to_csv(OUT / "scenarios.csv")
print(f"The table: {OUT / 'scenarios.csv'}")

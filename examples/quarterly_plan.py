"""The planner's quarter: from the analyst's fit and a brief to a plan that can be booked.

$ mixwise fit examples/company/model.yaml --out examples/output/fit    # or run fit_model.ipynb
$ python examples/quarterly_plan.py
"""

from pathlib import Path

from mmm import load_response
from optimizer import Brief, allocate

HERE = Path(__file__).resolve().parent
OUT = HERE / "output"

response = load_response(OUT / "fit")
brief = Brief.from_yaml(HERE / "company" / "brief.yaml")
plan = allocate(brief.problem(response))

print(plan.status)
print(f"{plan.spend.sum():,.0f} {response.currency} planned, within {plan.gap:.2%} of the best any plan can reach.")
print(f"Draws that did not choose it: better than the baseline in {plan.p_beats_baseline:.0%} of cases, by")
print(f"{plan.uplift.mean:,.0f} of profit (90 % interval {plan.uplift.q05:,.0f} to {plan.uplift.q95:,.0f}).")
for channel, money in plan.totals.items():
    print(f"  {channel:<10} {plan.baseline_totals[channel]:>12,.0f} -> {money:>12,.0f}")
for name, price in plan.shadow_prices.items():
    print(f"  {name}: {price.says}")

plan.to_frame().to_csv(OUT / "plan.csv", index=False)
print(f"Every week's spend: {OUT / 'plan.csv'}")

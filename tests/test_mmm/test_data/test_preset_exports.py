"""Exports shaped as their tools write them (preambles, totals, local writing) are read through their presets."""

from __future__ import annotations

from datetime import date

import pyarrow.compute as pc
import pytest

from mmm.data.log import ReadingLog
from mmm.data.sources.read import read_facts
from mmm.data.sources.spec import SourceSpec
from mmm.data.spec import ChannelSpec, DataSpec, PanelSpec

TODAY = date(2026, 11, 22)

GOOGLE_EN = """Campaign report
"September 1, 2026 - September 3, 2026"
Day,Campaign,Currency code,Cost,Impr.,Clicks,Conversions
2026-09-01,Brand,EUR,12.34,"1,234",7,1.00
2026-09-02,Brand,EUR,"1,020.50","10,500",88,2.50
2026-09-03,Roofs & gutters,EUR,0.00,0,0,0.00
Total: Account,--,EUR,"1,032.84","11,734",95,3.50
Total: Campaigns,--,EUR,"1,032.84","11,734",95,3.50
"""
GOOGLE_DE = """Kampagnenbericht
"1. September 2026 - 2. September 2026"
Tag,Kampagne,Währungscode,Kosten,Impr.,Klicks
2026-09-01,Frühling,EUR,"1.234,56","12.345",120
2026-09-02,Frühling,EUR,"99,90","1.900",9
Gesamt: Konto,--,EUR,"1.334,46","14.245",129
"""
GOOGLE_FR = """Rapport sur les campagnes
"1 sept. 2026 - 2 sept. 2026"
Jour;Campagne;Code de la devise;Coût;Impr.;Clics
2026-09-01;Toitures;EUR;12,34;1 234;7
2026-09-02;Toitures;EUR;1 020,50;10 500;88
Total : compte;--;EUR;1 032,84;11 734;95
"""
GOOGLE_API = """segments.date,campaign.name,metrics.cost_micros,metrics.impressions,metrics.clicks
2026-09-01,Brand,12340000,1234,7
2026-09-02,Brand,1020500000,10500,88
"""
META_EN = """Reporting starts,Reporting ends,Campaign name,Ad name,Day,Amount spent (EUR),Impressions,Link clicks,Reach
2026-09-20,2026-09-21,Winter Sale,Video,2026-09-20,12.50,3400,51,3000
2026-09-20,2026-09-21,Winter Sale,Video,2026-09-21,"1,010.00",3100,40,2800
2026-09-20,2026-09-21,Winter Sale,Picture,2026-09-21,5.00,100,2,90
,,,,,1027.50,6600,93,
"""
META_PL = """Dzień;Nazwa kampanii;Wydana kwota (EUR);Wyświetlenia;Kliknięcia linku
2026-09-20;Zima;12,50;3400;51
2026-09-21;Zima;1 015,00;3200;42
"""
META_AR = """بداية التقارير,نهاية التقارير,اسم الحملة,المبلغ الذي تم إنفاقه (EUR),مرات الظهور
2026-09-20,2026-09-20,حملة الشتاء,١٢٫٥٠,٣٤٠٠
2026-09-21,2026-09-21,حملة الشتاء,١٠١٥٫٠٠,٣٢٠٠
"""
TIKTOK = """By Day,Campaign name,Ad group name,Cost,Impressions,Clicks (destination),Currency
2026-09-20,TT Winter,Interest,8.00,5000,70,EUR
2026-09-21,TT Winter,Interest,9.25,5100,72,EUR
Total of 2 results,-,-,17.25,10100,142,EUR
"""
LINKEDIN = """Campaign Performance Report (in UTC)
Report Start: 9/1/2026
Account: Shop

Start Date (in UTC),Account Name,Currency,Campaign Group Name,Campaign Name,Total Spent,Impressions,Clicks
9/13/2026,Shop,EUR,Default,Decision makers,"1,500.00","20,000",100
9/14/2026,Shop,EUR,Default,Decision makers,0,0,0
"""
MAILCHIMP = """Title,Subject,List,"Send Date","Total Recipients","Successful Deliveries","Unique Opens","Open Rate"
"Campaign A","Welcome","Main List","Jun 09, 2026 09:30 pm",110,108,30,27.78%
"Campaign B","Newsletter","Main List","Jun 18, 2026 09:15 am",137,134,30,22.39%
"""
KLAVIYO = """Campaign Name,Subject,List,Send Time,Total Recipients,Revenue,Unique Opens,Open Rate,Successful Deliveries
Spring,Hello,Engaged,2026-04-09 09:38:00,64517.0,2800.27,45587.0,70.80%,64386.0
Summer,Hello,Engaged,2026-04-11 07:47:00,63421.0,6471.7,42765.0,67.50%,63360.0
"""
GA4 = """# ----------------------------------------
# Traffic acquisition
# 20260826-20260827
# ----------------------------------------
Date,Session primary channel group (Default Channel Group),Sessions,Active users,Total revenue
20260826,Direct,1645,1251,3.64
20260827,Direct,500,250,2
"""

CASES = {
    "google_en": ("google_ads", GOOGLE_EN, {"spend": 1032.84, "clicks": 95}, "2026-09-01", 3),
    "google_de": ("google_ads", GOOGLE_DE, {"spend": 1334.46, "clicks": 129}, "2026-09-01", 2),
    "google_fr": ("google_ads", GOOGLE_FR, {"spend": 1032.84, "clicks": 95}, "2026-09-01", 2),
    "google_api": ("google_ads", GOOGLE_API, {"spend": 1032.84, "clicks": 95}, "2026-09-01", 2),
    "meta_en": ("meta", META_EN, {"spend": 1027.5, "clicks": 93}, "2026-09-20", 3),
    "meta_pl": ("meta", META_PL, {"spend": 1027.5, "clicks": 93}, "2026-09-20", 2),
    "meta_ar": ("meta", META_AR, {"spend": 1027.5}, "2026-09-20", 2),
    "tiktok": ("tiktok", TIKTOK, {"spend": 17.25, "clicks": 142}, "2026-09-20", 2),
    "linkedin": ("linkedin", LINKEDIN, {"spend": 1500, "clicks": 100}, "2026-09-13", 2),
    "mailchimp": ("mailchimp", MAILCHIMP, {"sends": 242}, "2026-06-09", 2),
    "klaviyo": ("klaviyo", KLAVIYO, {"sends": 127_746}, "2026-04-09", 2),
    "ga4": ("ga4", GA4, {"sessions": 2145}, "2026-08-26", 2),
}
SPEC = PanelSpec(
    data=DataSpec(outcome="revenue"),
    channels={"it": ChannelSpec(spend="it_spend", exposure="it_clicks")},
    organic=("email_sends", "direct_sessions"),
    currency="EUR",
    sources={"s": SourceSpec(file="x.csv")},
)


@pytest.mark.parametrize("case", CASES)
def test_an_export_is_read_as_it_comes(tmp_path, case):
    preset, text, totals, first, rows = CASES[case]
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    log = ReadingLog()
    facts = read_facts("s", SourceSpec(preset=preset, file="x.csv"), SPEC, tmp_path, TODAY, log)
    for metric, total in totals.items():
        own = facts.table.filter(pc.equal(facts.table["metric"], metric))
        assert pc.sum(own["value"]).as_py() == pytest.approx(total), metric
        assert len(own) == rows
        assert str(min(own["first_day"].to_pylist())) == first
        assert set(own["currency"].to_pylist()) == ({"EUR"} if metric == "spend" else {None})
    account = facts.files[0]
    assert account.rows_used == rows
    assert account.rows_in == account.rows_used + sum(item.rows for item in log.excluded)

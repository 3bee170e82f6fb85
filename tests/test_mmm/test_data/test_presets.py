"""Presets: every usual export is told by its header, in each of its languages; what is declared wins."""

from __future__ import annotations

import pytest

from mmm.data.currencies import SIGNS
from mmm.data.reading import name_key
from mmm.data.sources.presets import find, known_columns, names, preset, resolve
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import SpecError

LANGUAGES = {
    ("google_ads", "en"): "Day,Campaign,Currency code,Cost,Impr.,Clicks,Conversions,Conv. value",
    ("google_ads", "de"): "Tag,Kampagne,Währungscode,Kosten,Impr.,Klicks,Conversions",
    ("google_ads", "fr"): "Jour,Campagne,Code de la devise,Coût,Impr.,Clics,Conversions",
    ("google_ads", "es"): "Día,Campaña,Impr.,Clics,Coste",
    ("google_ads", "api"): "segments.date,campaign.name,metrics.cost_micros,metrics.impressions,metrics.clicks",
    ("meta", "en"): "Reporting starts,Reporting ends,Campaign name,Day,Amount spent (USD),Impressions,Link clicks",
    ("meta", "de"): "Tag,Kampagnenname,Ausgegebener Betrag (EUR),Impressionen,Link-Klicks",
    ("meta", "es"): "Nombre de la campaña,Día,Importe gastado (EUR),Impresiones,Clics en el enlace",
    ("meta", "pl"): "Nazwa kampanii,Dzień,Wydana kwota (PLN),Wyświetlenia,Kliknięcia linku",
    ("meta", "ar"): "بداية التقارير,نهاية التقارير,اسم الحملة,المبلغ الذي تم إنفاقه (EGP),مرات الظهور",
    ("tiktok", "en"): "By Day,Campaign name,Ad group name,Ad name,Cost,Impressions,Clicks (destination)",
    (
        "linkedin",
        "en",
    ): "Start Date (in UTC),Account Name,Campaign Name,Total Spent,Impressions,Clicks,Currency",
    ("ga4", "en"): "Date,Session primary channel group (Default Channel Group),Sessions,Total revenue",
    (
        "mailchimp",
        "en",
    ): "Title,Subject,List,Send Date,Total Recipients,Successful Deliveries,Unique Opens",
    (
        "klaviyo",
        "en",
    ): "Campaign Name,List,Send Time,Total Recipients,Revenue,Unique Opens,Successful Deliveries",
    ("email", "ar"): "تاريخ الإرسال,المرسل,مرات الفتح,النقرات",
    ("store_sales", "en"): "business_date,store,net_sales,receipts",
    ("call_centre", "pl"): "Data,Połączenia,Odebrane",
    ("robyn", "en"): "DATE,revenue,tv_S,facebook_I,competitor_sales_B",
    ("meridian", "geo"): "geo,time,Channel0_impression,Channel0_spend,conversions,population",
    ("meridian", "national"): "time,conversions,Channel0_impression,Channel0_spend",
    ("generic_long", "en"): "week,channel,spend",
}


def resolved(name, header, **given):
    return resolve(SourceSpec(preset=name, file="x.csv", **given), header.split(","), "sources.it")


@pytest.mark.parametrize(("case", "header"), LANGUAGES.items(), ids=str)
def test_every_export_is_told_by_its_header(case, header):
    source = resolved(case[0], header)
    assert source.preset is None
    columns = [source.date, source.geo, source.channel, source.currency_column, *source.metrics.values()]
    assert {column for column in columns if column is not None} <= set(header.split(","))
    assert set(preset(case[0]).needs) <= set(source.metrics)
    known = {name_key(column) for column in known_columns(SourceSpec(preset=case[0], file="x.csv"))}
    assert known & {name_key(column) for column in header.split(",")}


def test_all_presets_are_tested():
    assert {case for case, _ in LANGUAGES} == set(names())


def test_micros_are_micros_and_the_interfaces_cost_is_money():
    assert resolved("google_ads", LANGUAGES["google_ads", "api"]).units == {"metrics.cost_micros": 1e-6}
    assert resolved("google_ads", LANGUAGES["google_ads", "en"]).units == {}
    declared = resolved("google_ads", LANGUAGES["google_ads", "api"], units={"Metrics.Cost_micros": 1})
    assert declared.units == {"Metrics.Cost_micros": 1}


def test_the_header_names_the_currency_or_a_column_does():
    assert resolved("meta", LANGUAGES["meta", "pl"]).currency == "PLN"
    assert resolved("meta", LANGUAGES["meta", "ar"]).currency == "EGP"
    assert resolved("google_ads", LANGUAGES["google_ads", "de"]).currency_column == "Währungscode"
    assert resolved("meta", LANGUAGES["meta", "pl"], currency="EUR").currency == "EUR"
    assert "XXQ" not in {code.upper() for code in SIGNS}
    with pytest.raises(SpecError, match="has no column that the preset 'meta' knows as spend"):
        resolved("meta", "Day,Campaign name,Amount spent (XXQ)")


def test_what_is_declared_wins_and_the_rest_is_filled():
    source = resolved(
        "google_ads", LANGUAGES["google_ads", "en"], date="Week", channel_is="search", metrics={"spend": "Conv. value"}
    )
    assert (source.date, source.channel, source.channel_is) == ("Week", None, "search")
    assert source.metrics == {"spend": "Conv. value", "impressions": "Impr.", "clicks": "Clicks"}
    assert resolve(SourceSpec(file="x.csv", date="d"), ["d"]) == SourceSpec(file="x.csv", date="d")


def test_the_first_line_is_preferred_and_two_of_one_line_are_a_question():
    assert resolved("meta", LANGUAGES["meta", "en"]).date == "Day"
    with pytest.raises(SpecError, match=r"'Cost' and 'cost_micros' may both be the spend\. Name the one") as caught:
        resolved("google_ads", "Day,Campaign,Cost,cost_micros")
    assert caught.value.where == "sources.it.metrics.spend"
    chosen = resolved("google_ads", "Day,Campaign,Cost,cost_micros", metrics={"spend": "cost_micros"})
    assert chosen.units == {"cost_micros": 1e-6}


def test_another_export_and_an_unknown_preset_are_refused_in_words():
    with pytest.raises(SpecError, match=r"there is no preset 'adwords'\. Known: call_centre, email"):
        resolved("adwords", "Day,Cost")
    with pytest.raises(SpecError, match=r"Name the column in sources\.it\.date"):
        resolved("tiktok", "Campaign name,Cost")
    with pytest.raises(SpecError, match="knows as channel"):
        resolved("tiktok", "By Day,Cost")
    with pytest.raises(SpecError, match="currencies EUR and USD"):
        resolved("generic_long", "date,channel,Spend (EUR),Sales (USD)")


def test_names_differ_in_case_spaces_and_unicode_form_only():
    assert find((("Kampania Ń",),), ["kampania  N\u0301"], "w").column == "kampania  N\u0301"
    assert find((("Kampania",),), ["Kampanie"], "w") is None


@pytest.mark.parametrize("name", names())
def test_a_name_stands_in_one_line_only_where_its_meaning_is_one(name):
    known = preset(name)
    for lines in (known.date, known.geo, known.channel, known.currency_column, *known.metrics.values()):
        keys = [name_key(column) for line in lines for column in {name_key(c): c for c in line}.values()]
        assert len(keys) == len(set(keys))
    assert set(known.needs) <= set(known.metrics)
    assert set(known.money) <= set(known.metrics)
    assert set(map(name_key, [*known.units, *known.date_formats])) <= set(map(name_key, known.headers()))
    assert known.says
    assert known.facts

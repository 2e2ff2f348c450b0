from __future__ import annotations

import json

from hubsync.store.state import State
from tests.pages.shop import KNOWN, OFTEN, opened, shown

CLICKED = {n for n in KNOWN if n % 4 == 0}


def test_the_table_behind_the_chart_holds_the_rates_with_interval_and_n(shop: State) -> None:
    app = opened("engagement.py")
    rows = {row["segment"]: row for row in app.dataframe[0].value.to_dict("records")}
    everyone, regulars = rows["Everyone"], rows["Loyal regulars"]
    assert everyone["n"] == len(KNOWN)
    assert everyone["rate"] == round(len(CLICKED) / len(KNOWN), 3)
    assert regulars["n"] == len(OFTEN & KNOWN)
    assert regulars["rate"] == round(len(CLICKED & OFTEN) / len(OFTEN & KNOWN), 3)
    assert regulars["low"] < regulars["rate"] < regulars["high"]


def test_few_people_are_greyed_and_fewer_have_no_rate_and_both_are_named(shop: State) -> None:
    app = opened("engagement.py")
    assert "under 200 people: Loyal regulars" in shown(app)
    assert "under 30 people: Heavy" in shown(app)
    rows = {row["segment"]: row for row in app.dataframe[0].value.to_dict("records")}
    few = next(row for name, row in rows.items() if name.startswith("Heavy"))
    assert few["rate"] != few["rate"] or few["rate"] is None
    assert few["n"] == 0


def test_the_chart_says_in_words_what_it_draws_and_carries_no_markup(shop: State) -> None:
    chart = opened("engagement.py").get("plotly_chart")[0].proto
    assert "Loyal regulars" in chart.alt
    assert "n = " in chart.alt
    assert "<b>buyers</b>" not in json.dumps(json.loads(chart.spec)["data"])


def test_the_metric_is_chosen_by_the_address_too(shop: State) -> None:
    app = opened("engagement.py", metric="unsubscribe_rate")
    assert "opted out of all e-mail" in shown(app)
    app.segmented_control[0].set_value("open_rate").run()
    assert app.query_params["metric"] == "open_rate"


def test_it_says_as_of_when_and_what_it_cannot_tell(shop: State) -> None:
    text = shown(opened("engagement.py"))
    assert "HubSpot as of" in text
    assert "whole life" in text
    assert "no proof" in text

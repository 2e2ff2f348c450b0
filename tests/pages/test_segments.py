from __future__ import annotations

from hubsync.core.segment import parse_segment
from hubsync.store import segment as segments
from hubsync.store.state import State
from tests.pages.shop import KNOWN, OFTEN, OPTED_OUT, PEOPLE, SEGMENT, now, opened, shown
from tests.pages.test_history import ran, taken_back


def test_the_table_shows_size_share_and_who_can_be_reached(shop: State) -> None:
    app = opened("segments.py")
    regulars, few = app.dataframe[0].value.to_dict("records")
    assert regulars["name"] == "Loyal regulars"
    assert regulars["size"] == len(OFTEN)
    assert regulars["share"] == round(len(OFTEN) / PEOPLE, 3)
    assert regulars["reachable"] == len(OFTEN & KNOWN - OPTED_OUT)
    assert few["size"] == 0


def test_an_undo_is_no_sync(shop: State) -> None:
    run_id = ran(shop, "Synced")
    before = list(opened("segments.py").dataframe[0].value["synced"])
    taken_back(shop, run_id)
    after = list(opened("segments.py").dataframe[0].value["synced"])
    assert before[0] is not None
    assert after[0] == before[0]


def test_one_segment_by_its_link_with_rule_in_words_and_members_with_reason(shop: State) -> None:
    app = opened("segments.py", segment="regulars")
    assert "3 or more orders in 90 days" in shown(app)
    assert {metric.label: metric.value for metric in app.metric}["Members"] == str(len(OFTEN))
    members = app.dataframe[-1].value
    assert len(members) == len(OFTEN)
    assert set(members["email"]) == {"c***@e***.com"}
    assert all("4 orders in 90 days" in why for why in members["why"])


def test_the_same_link_works_in_portuguese(shop: State) -> None:
    app = opened("segments.py", segment="regulars", lang="pt")
    assert "3 ou mais pedidos em 90 dias" in shown(app)
    assert app.subheader[0].value == "Clientes fiéis"


def test_choosing_a_segment_puts_it_into_the_address(shop: State) -> None:
    app = opened("segments.py")
    app.selectbox(key="segment").set_value("regulars").run()
    assert app.query_params["segment"] == "regulars"


def test_an_unknown_segment_in_the_address_is_no_choice(shop: State) -> None:
    app = opened("segments.py", segment="nonsense")
    assert not app.error
    assert app.selectbox(key="segment").value is None


def test_a_segment_nobody_is_in_says_so(shop: State) -> None:
    assert "Nobody is in this segment at the moment" in shown(opened("segments.py", segment="few"))


def test_names_are_shown_letter_by_letter(shop: State) -> None:
    app = opened("segments.py", segment="few", lang="en")
    assert app.subheader[0].value == r"Heavy \<b\>buyers\</b\> \*few\*"


def test_a_rule_that_is_newer_than_its_members_is_told_and_not_explained_wrongly(shop: State) -> None:
    newer = {
        **SEGMENT,
        "rule": {"feature": {"kind": "measure", "agg": "count", "within_days": 7}, "op": ">", "value": 1},
    }
    segments.save(shop, parse_segment(newer), by="test", at=now())
    app = opened("segments.py", segment="regulars")
    assert "the segment is newer" in app.error[0].value.lower()
    assert "features refresh" in app.error[0].value

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubsync.core.diff import Person, Turn, membership, properties
from hubsync.core.field import CUSTOMER_ID, Field, FieldType
from hubsync.core.plan import MEMBER, Change, Op, Step

ORDERS = Field(name="hubsync_orders", label="Orders", type=FieldType.NUMBER)
FIELDS = (CUSTOMER_ID, ORDERS)


def person(**given: object) -> Person:
    plain = {"customer_id": "k1", "contact_id": "7", "email": "a@example.com", "step": Step.REACHABLE}
    return Person(**{**plain, "why": lambda turn: turn.value, **given})  # type: ignore[arg-type]


people = st.builds(
    person,
    customer_id=st.sampled_from(["k1", "k2", ""]),
    step=st.one_of(st.none(), st.sampled_from(Step)),
    listed=st.booleans(),
    ours=st.booleans(),
    desired=st.fixed_dictionaries({ORDERS.name: st.one_of(st.none(), st.integers(-5, 5), st.floats(-1, 1))}),
    actual=st.dictionaries(st.just(ORDERS.name), st.sampled_from(["", "1", "1.0", "-0.5", "hand"])),
    written=st.dictionaries(st.just(ORDERS.name), st.sampled_from(["1", "2"])),
)


def listed_after(who: Person, changes: list[Change]) -> bool:
    ops = {change.op for change in changes}
    return (who.listed or Op.ADD_MEMBER in ops) and Op.REMOVE_MEMBER not in ops


@given(people)
def test_after_its_changes_a_list_needs_no_more(who: Person) -> None:
    changes = list(membership([who], "L"))
    again = person(
        customer_id=who.customer_id, step=who.step, listed=listed_after(who, changes), ours=who.ours or bool(changes)
    )
    assert [change for change in membership([again], "L") if change.op is not Op.CREATE_CONTACT] == []


@given(people)
def test_nobody_else_put_on_a_list_goes_off_and_nobody_unlistable_comes_on(who: Person) -> None:
    ops = {change.op for change in membership([who], "L")}
    if not who.ours:
        assert Op.REMOVE_MEMBER not in ops
    if who.step is None or not who.step.listable:
        assert not ops & {Op.ADD_MEMBER, Op.CREATE_CONTACT}


@given(people)
def test_after_its_changes_a_person_needs_no_more_values(who: Person) -> None:
    changes = list(properties([who], FIELDS))
    held = {**who.actual, **{change.field: change.new for change in changes if change.op is Op.UPDATE_CONTACT}}
    again = person(customer_id=who.customer_id, step=who.step, desired=who.desired, actual=held, written=who.written)
    assert [change for change in properties([again], FIELDS) if change.op is Op.UPDATE_CONTACT] == []


@given(people)
def test_every_change_differs_and_says_why(who: Person) -> None:
    for change in (*membership([who], "L"), *properties([who], FIELDS)):
        assert change.old != change.new
        assert change.reason


def test_a_number_is_the_same_however_it_is_written() -> None:
    who = person(desired={ORDERS.name: 3.0, CUSTOMER_ID.name: "k1"})
    for text in ("3", "3.0", "3.0000001"):
        held = {ORDERS.name: text, CUSTOMER_ID.name: "k1"}
        assert list(properties([person(desired=who.desired, actual=held)], FIELDS)) == []


def test_a_person_to_be_created_is_created_before_anything_else_and_named_by_customer() -> None:
    who = person(contact_id="", step=Step.WOULD_BE_CREATED, desired={CUSTOMER_ID.name: "k1", ORDERS.name: 2})
    rows = list(properties([who], FIELDS))
    assert [(row.op, row.field, row.new) for row in rows] == [
        (Op.CREATE_CONTACT, "email", "a@example.com"),
        (Op.UPDATE_CONTACT, CUSTOMER_ID.name, "k1"),
        (Op.UPDATE_CONTACT, ORDERS.name, "2"),
    ]


def test_reasons_tell_joiners_movers_and_leavers_apart() -> None:
    told = []
    for who in (
        person(desired={ORDERS.name: 2}),
        person(desired={ORDERS.name: 2}, actual={ORDERS.name: "1"}),
        person(step=None, actual={ORDERS.name: "1"}, written={ORDERS.name: "1.0"}),
    ):
        told += [row.reason for row in properties([who], [ORDERS])]
    assert told == [Turn.JOINED, Turn.MOVED, Turn.LEFT]


def test_a_former_members_customer_id_and_changed_values_stay() -> None:
    who = person(
        step=None,
        actual={ORDERS.name: "9", CUSTOMER_ID.name: "k1"},
        written={ORDERS.name: "1", CUSTOMER_ID.name: "k1"},
    )
    assert list(properties([who], FIELDS)) == []


def test_members_that_may_not_be_mailed_go_off_the_list_but_keep_their_values_in_step() -> None:
    who = person(step=Step.OPTED_OUT, listed=True, ours=True, desired={ORDERS.name: 2})
    (off,) = membership([who], "L")
    assert (off.op, off.old, off.new, off.reason) == (Op.REMOVE_MEMBER, MEMBER, "", "opted out of e-mail")
    assert [row.new for row in properties([who], [ORDERS])] == ["2"]

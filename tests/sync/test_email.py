from __future__ import annotations

from typing import Any

import pytest

from hubsync.core.errors import BadInput
from hubsync.core.plan import Op, Plan, Target
from hubsync.core.run import RunState
from hubsync.sync import history
from hubsync.sync.proposal import EmailAsk
from hubsync.sync.undo import undo
from tests.sync.desk import Desk, email, now

LIST = "[Behaviour] Loyal regulars - Active"
NAME = f"{LIST} – News"
SUBJECT = "{{ contact.firstname|default('Hello') }}, this week's offers"


def plan(desk: Desk, **more: Any) -> Plan:
    return desk.preview(Target.EMAIL, email=EmailAsk(template_id="1", **more))


def drafts(desk: Desk) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = desk.call("GET", "/marketing/v3/emails?limit=100")["results"]
    return [row for row in rows if row["id"] != "1"]


def list_id(desk: Desk) -> str:
    return str(desk.call("GET", f"/crm/v3/lists/object-type-id/0-1/name/{LIST}")["list"]["listId"])


def test_a_template_is_copied_for_the_segments_list_and_left_as_a_draft(desk: Desk) -> None:
    made = desk.call("POST", "/crm/v3/lists", {"name": "Never", "objectTypeId": "0-1", "processingType": "MANUAL"})
    never = str(made["list"]["listId"])
    desk.pull()
    found = plan(desk, subject=SUBJECT, exclude=(never,))
    assert found.counts == {Op.ENSURE_LIST: 1, Op.ADD_MEMBER: 12, Op.DRAFT_EMAIL: 1, "unchanged": 0}
    assert "a person" in " ".join(found.warnings)
    run = desk.run(found)
    assert (run.state, run.counts.confirmed) == (RunState.SUCCEEDED, 14)
    assert run.requests <= found.forecast.total
    (draft,) = drafts(desk)
    assert (draft["name"], draft["subject"], draft["state"], draft["isPublished"]) == (NAME, SUBJECT, "DRAFT", False)
    assert draft["to"]["contactIlsLists"] == {"include": [list_id(desk)], "exclude": [never]}
    assert desk.members(LIST) == {email(number) for number in range(12)}


def test_a_second_sync_makes_no_second_draft_before_and_after_a_pull(desk: Desk) -> None:
    desk.run(plan(desk))
    found = plan(desk)
    assert (found.rows, desk.run(found).requests) == (0, 0)
    desk.pull()
    assert plan(desk).rows == 0
    assert len(drafts(desk)) == 1


def test_what_changes_is_written_into_the_draft_that_is_there(desk: Desk) -> None:
    desk.run(plan(desk))
    desk.orders[15] = 9
    desk.refresh()
    desk.pull()
    found = plan(desk, subject="Other words")
    assert found.counts == {Op.ADD_MEMBER: 1, Op.DRAFT_EMAIL: 1, "unchanged": 12}
    assert desk.run(found).state is RunState.SUCCEEDED
    assert [draft["subject"] for draft in drafts(desk)] == ["Other words"]


def test_an_audience_changed_by_hand_is_put_right(desk: Desk) -> None:
    desk.run(plan(desk))
    (draft,) = drafts(desk)
    desk.call("PATCH", f"/marketing/v3/emails/{draft['id']}/draft", {"to": {"contactIlsLists": {"include": []}}})
    desk.pull()
    desk.run(plan(desk))
    (draft,) = drafts(desk)
    assert draft["to"]["contactIlsLists"]["include"] == [list_id(desk)]


def test_a_copy_whose_answer_was_lost_is_found_and_not_made_twice(desk: Desk) -> None:
    lost = {"kind": "lost", "path": "*/emails/clone", "times": 1}
    desk.call("POST", "/__sandbox__/faults", lost)
    run = desk.run(plan(desk))
    assert run.state is RunState.SUCCEEDED
    assert len(drafts(desk)) == 1


def test_a_draft_of_others_is_used_only_if_its_name_is_typed(desk: Desk) -> None:
    early = plan(desk)
    desk.call("POST", "/marketing/v3/emails/clone", {"id": "1", "cloneName": NAME})
    run = desk.run(early)
    assert (run.state, history.rejected(desk.state, run.run_id)[0].category) == (RunState.PARTIAL, "EMAIL_TAKEN")
    desk.pull()
    found = plan(desk)
    assert [(guard.code, guard.override) for guard in found.blocked] == [("email_taken", NAME)]
    assert desk.run(found, NAME).state is RunState.SUCCEEDED
    assert len(drafts(desk)) == 1


def test_an_e_mail_that_was_sent_is_not_touched_and_a_new_name_makes_the_next(desk: Desk) -> None:
    desk.run(plan(desk, subject="First"))
    (draft,) = drafts(desk)
    published = {"id": draft["id"], "name": NAME, "subject": "First", "publishDate": "2026-02-01T00:00:00Z"}
    desk.call("POST", "/__sandbox__/seed", {"emails": [published]})
    desk.pull()
    assert plan(desk, subject="First").rows == 0
    assert [guard.code for guard in plan(desk, subject="Second").blocked] == ["email_sent"]
    assert desk.run(plan(desk, subject="Second", name="Another")).state is RunState.SUCCEEDED
    assert {one["name"]: one["subject"] for one in drafts(desk)} == {NAME: "First", "Another": "Second"}


def test_a_draft_deleted_by_hand_is_made_anew_after_a_pull(desk: Desk) -> None:
    desk.run(plan(desk))
    desk.call("DELETE", f"/marketing/v3/emails/{drafts(desk)[0]['id']}")
    desk.pull()
    assert desk.run(plan(desk)).state is RunState.SUCCEEDED
    assert len(drafts(desk)) == 1


def test_tokens_are_checked_before_anything_is_sent(desk: Desk) -> None:
    assert [guard.code for guard in plan(desk, subject="{{ contact.nonsense }} hi").blocked] == ["email_token"]
    assert [guard.code for guard in plan(desk, subject="{{ contact.firstname hi").blocked] == ["email_token"]
    bare = plan(desk, subject="{{ contact.firstname }}, hi")
    assert not bare.blocked
    assert "fallback" in " ".join(bare.warnings)


def test_a_template_or_list_that_is_not_there_is_refused_with_those_that_are(desk: Desk) -> None:
    with pytest.raises(BadInput, match="News"):
        desk.preview(Target.EMAIL)
    with pytest.raises(BadInput, match="News"):
        desk.preview(Target.EMAIL, email=EmailAsk(template_id="99"))
    with pytest.raises(BadInput, match="no list '99'"):
        plan(desk, exclude=("99",))


def test_a_run_is_taken_back_but_for_the_draft(desk: Desk) -> None:
    first = desk.run(plan(desk))
    back = undo(desk.workspace, desk.state, first.run_id, by="test", clock=now)
    assert back.counts[Op.REMOVE_MEMBER] == 12
    assert desk.run(back).state is RunState.SUCCEEDED
    assert len(drafts(desk)) == 1

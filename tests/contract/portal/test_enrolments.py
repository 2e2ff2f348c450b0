"""Enrolment by the legacy call: once, or not known, and never twice."""

from __future__ import annotations

import pytest

from hubsync.portal.enrolments import Enrolments
from hubsync.portal.errors import NotThere, RateLimited, Unclear

PATH = b"/automation/v2/workflows/21/enrollments/contacts/ana%40example.com "


def test_one_contact_is_enrolled_by_address_and_taken_out_again(hubspot, gateway) -> None:
    hubspot.replies = [b"HTTP/1.1 204 X\r\n\r\n"]
    enrolments = Enrolments(gateway)
    enrolments.enrol("21", " Ana@Example.com")
    assert enrolments.unenrol("21", "ana@example.com")
    assert [request.partition(b"HTTP")[0] for request in hubspot.asked] == [b"POST " + PATH, b"DELETE " + PATH]


def test_somebody_who_is_not_in_a_workflow_need_not_be_taken_out(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(404)]
    assert not Enrolments(gateway).unenrol("21", "ana@example.com")


def test_a_workflow_that_is_not_there_is_told(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(404, {"message": "Workflow not found"})]
    with pytest.raises(NotThere, match="does not know"):
        Enrolments(gateway).enrol("21", "ana@example.com")


def test_an_enrolment_that_may_have_happened_is_not_sent_again(hubspot, gateway) -> None:
    for broken in (None, hubspot.reset, hubspot.answer(500), hubspot.answer(502), hubspot.answer(504)):
        hubspot.asked.clear()
        hubspot.replies = [broken]
        with pytest.raises(Unclear):
            Enrolments(gateway).enrol("21", "ana@example.com")
        assert len(hubspot.asked) == 1


def test_an_enrolment_that_was_refused_for_its_pace_is_sent_again(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(429, {"policyName": "TEN_SECONDLY_ROLLING"}), hubspot.answer(204)]
    Enrolments(gateway).enrol("21", "ana@example.com")
    hubspot.replies = [hubspot.answer(429, {"policyName": "DAILY"})]
    with pytest.raises(RateLimited):
        Enrolments(gateway).enrol("21", "ana@example.com")
    assert len(hubspot.asked) == 3

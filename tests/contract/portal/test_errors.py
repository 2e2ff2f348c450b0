"""Each refusal HubSpot is known to give becomes one error of ours, with everything HubSpot said."""

from __future__ import annotations

import pytest

from hubsync.portal.errors import (
    Conflict,
    Garbled,
    MissingScope,
    NotThere,
    PortalError,
    RateLimited,
    Refused,
    Unauthorized,
    Unreachable,
)

#: What HubSpot answers: status, body, our error. The bodies are the shapes seen on the wire, shortened.
ANSWERS = {
    "wrong token": (
        401,
        {"status": "error", "message": "Authentication credentials not found.", "category": "INVALID_AUTHENTICATION"},
        Unauthorized,
    ),
    "missing scope, in errors": (
        403,
        {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": ["crm.lists.read"]}}]},
        MissingScope,
    ),
    "missing scope, older word": (
        403,
        {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredScopes": ["contacts"]}}]},
        MissingScope,
    ),
    "missing scope, at the top": (
        403,
        {"category": "MISSING_SCOPES", "context": {"requiredGranularScopes": ["custom-object-read"]}},
        MissingScope,
    ),
    "unknown record": (404, {"status": "error", "category": "OBJECT_NOT_FOUND"}, NotThere),
    "unknown path": (404, "<html><head><title>Error 404 Not Found</title></head><body><h2>HTTP</h2></body>", NotThere),
    "contact exists": (
        409,
        {"message": "Contact already exists. Existing ID: 37765128953", "category": "CONFLICT"},
        Conflict,
    ),
    "contact exists, other shape": (
        409,
        {"message": "Contact already exists. Existing ID: 51", "identityProfile": {"vid": 51}},
        Conflict,
    ),
    "property exists": (
        409,
        {"category": "OBJECT_ALREADY_EXISTS", "subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS", "message": "…"},
        Conflict,
    ),
    "list name taken": (
        400,
        {"category": "VALIDATION_ERROR", "subCategory": "ILS.DUPLICATE_LIST_NAMES", "message": "taken"},
        Conflict,
    ),
    "bad value": (
        400,
        {
            "message": 'Property values were not valid: [{"isValid":false,"message":"Property \\"x\\" does not exist",'
            '"error":"PROPERTY_DOESNT_EXIST","name":"x"}]',
            "category": "VALIDATION_ERROR",
            "errors": [{"code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": ["x"]}}],
        },
        Refused,
    ),
    "no category": (400, {"status": "error", "message": "Unable to infer object type from: butterflies"}, Refused),
    "query too long": (414, "<html><body>414 Request-URI Too Large</body></html>", Refused),
    "redirect": (302, None, Garbled),
    "failing, with a page": (502, "<html><title>Bad gateway</title></html>", Unreachable),
    "failing, without a word": (500, None, Unreachable),
    "locked": (423, {"message": "locked"}, Unreachable),
    "moving house": (477, {"message": "migration in progress"}, Unreachable),
    "too many, of searches": (
        429,
        {"category": "RATE_LIMITS", "message": "You have reached your secondly limit."},
        RateLimited,
    ),
    "too many": (
        429,
        {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING", "message": "ten_secondly_rolling limit"},
        RateLimited,
    ),
    "the day's are used up": (
        429,
        {"errorType": "RATE_LIMIT", "policyName": "DAILY", "message": "You have reached your daily limit."},
        RateLimited,
    ),
}


def failure(gateway, name: str = "contacts.read") -> PortalError:
    with pytest.raises(PortalError) as caught:
        gateway.call(name, body={"inputs": []})
    return caught.value


@pytest.mark.parametrize("case", ANSWERS)
def test_every_known_refusal_has_its_error(hubspot, gateway, case: str) -> None:
    status, body, expected = ANSWERS[case]
    hubspot.replies = [hubspot.answer(status, body)]
    error = failure(gateway)
    assert type(error) is expected
    assert error.status == status
    assert error.title
    assert error.detail
    assert error.hint


def test_hubspots_own_words_are_kept(hubspot, gateway) -> None:
    hubspot.replies = [
        hubspot.answer(
            400,
            {
                "message": "no",
                "category": "VALIDATION_ERROR",
                "subCategory": "ListError.X",
                "correlationId": "a-b-c",
                "errors": [{"code": "BAD"}],
            },
        )
    ]
    error = failure(gateway)
    assert (error.category, error.sub_category, error.correlation_id) == ("VALIDATION_ERROR", "ListError.X", "a-b-c")
    assert error.errors == ({"code": "BAD"},)
    assert "no" in error.detail


def test_a_correlation_id_in_the_header_only_is_kept(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(401, None, X_HubSpot_Correlation_Id="from-the-header")]
    assert failure(gateway).correlation_id == "from-the-header"


@pytest.mark.parametrize("case", ["missing scope, in errors", "missing scope, older word", "missing scope, at the top"])
def test_the_missing_scope_is_named_wherever_hubspot_puts_it(hubspot, gateway, case: str) -> None:
    hubspot.replies = [hubspot.answer(*ANSWERS[case][:2])]
    error = failure(gateway)
    assert isinstance(error, MissingScope)
    assert len(error.scopes) == 1
    assert error.scopes[0] in error.detail


@pytest.mark.parametrize(
    ("case", "existing"), [("contact exists", "37765128953"), ("contact exists, other shape", "51")]
)
def test_a_conflict_tells_the_id_that_exists(hubspot, gateway, case: str, existing: str) -> None:
    hubspot.replies = [hubspot.answer(*ANSWERS[case][:2])]
    error = failure(gateway)
    assert isinstance(error, Conflict)
    assert error.existing_id == existing


def test_an_error_nested_as_text_is_shown_in_words(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(*ANSWERS["bad value"][:2])]
    assert failure(gateway).message == 'Property values were not valid: Property "x" does not exist'


def test_the_title_of_an_html_page_is_its_message(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(*ANSWERS["unknown path"][:2])]
    assert failure(gateway).message == "Error 404 Not Found"


def test_a_used_up_day_ends_at_once_and_says_when_it_goes_on(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(*ANSWERS["the day's are used up"][:2])]
    first = failure(gateway)
    assert isinstance(first, RateLimited)
    assert first.daily
    assert first.resume_at is not None
    second = failure(gateway)
    assert isinstance(second, RateLimited)
    assert second.resume_at == first.resume_at
    assert len(hubspot.asked) == 1, "nothing more is sent on that day"


@pytest.mark.parametrize(
    "body",
    [
        {"category": ["not", "text"], "errors": "none", "message": {"a": 1}, "context": [1]},
        {"errors": [None, 3, {"context": {"requiredGranularScopes": "no list"}}]},
        [],
        "not HTML either \x00",
        None,
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 500])
def test_strange_bodies_still_become_errors_a_person_can_read(hubspot, gateway, status: int, body: object) -> None:
    hubspot.replies = [hubspot.answer(status, body)]
    error = failure(gateway)
    assert error.status == status
    assert error.title
    assert error.detail


def test_an_error_body_that_is_not_utf_8_is_no_crash(hubspot, gateway) -> None:
    hubspot.replies = [b"HTTP/1.1 400 X\r\nContent-Length: 4\r\n\r\n\xff\xfe\x80\x81"]
    assert type(failure(gateway)) is Refused


@pytest.mark.parametrize("status", [400, 401, 409, 500])
def test_a_token_that_is_echoed_is_never_shown(hubspot, gateway, status: int) -> None:
    token = gateway._token.secret
    hubspot.replies = [
        hubspot.answer(status, {"message": f"Authorization: Bearer {token} / {token[-20:]}"}, X_Echo=f"Bearer {token}")
    ]
    error = failure(gateway)
    shown = repr(error) + str(error) + error.message + repr(error.__cause__) + repr(gateway)
    assert token not in shown
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None

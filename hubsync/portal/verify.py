"""Verify: what a person learns when they press "Verify connection", check by check, each failure with its remedy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from hubsync.core.connection import Connection, Method
from hubsync.core.errors import BadInput
from hubsync.portal import account, scopes, url
from hubsync.portal.account import Details, TokenInfo
from hubsync.portal.errors import (
    Garbled,
    MissingScope,
    NotThere,
    PortalError,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer, Quota
from hubsync.portal.token import Token
from hubsync.portal.tries import Patience
from hubsync.portal.versions import DEFAULT, check, pinned_warning, warning
from hubsync.store.workspace import Workspace

#: A person is waiting: two tries of ten seconds at most.
DEADLINE, PATIENCE = 10.0, Patience(failures=2, refusals=2)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question and its answer."""

    name: str
    ok: bool
    #: What was found.
    detail: str
    #: What to do about it; empty where there is nothing to do.
    fix: str = ""
    #: Without it the connection cannot be used; the others are advice.
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was found; `ok` when every required check is."""

    ok: bool
    checks: tuple[Check, ...]
    #: The portal the token belongs to; "" where that is unknown.
    portal_id: str
    scopes: tuple[str, ...] = ()
    missing_scopes: tuple[str, ...] = ()
    account: Details | None = None
    quota: Quota | None = None
    #: The token is good and belongs to the portal asked for: enough to read with, if scopes are all that is missing.
    readable: bool = False
    base_url: str = ""
    api_version: str = DEFAULT

    def connection(self, *, method: Method, at: dt.datetime, embedded: bool = False) -> Connection:
        """Return the connection to save; BadInput where nothing was verified that could be saved."""
        if self.account is None or not self.readable:
            raise BadInput("This connection was not verified.", "Nothing was saved.", "Mend what the checks name.")
        return Connection(
            portal_id=self.portal_id,
            base_url=self.base_url,
            api_version=self.api_version,
            method=method,
            scopes=self.scopes,
            missing_scopes=self.missing_scopes,
            account_type=self.account.account_type,
            ui_domain=self.account.ui_domain,
            time_zone=self.account.time_zone,
            verified_at=at,
            embedded=embedded,
        )


@dataclass(kw_only=True)
class _Found:
    """What is known so far."""

    checks: list[Check] = field(default_factory=list)
    portal_id: str = ""
    scopes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    account: Details | None = None
    readable: bool = False

    def passed(self, name: str, detail: str) -> None:
        self.checks.append(Check(name=name, ok=True, detail=detail))

    def failed(self, name: str, detail: str, fix: str, *, required: bool = True) -> None:
        self.checks.append(Check(name=name, ok=False, detail=detail, fix=fix, required=required))


def verify(
    base_url: str,
    token: str,
    portal_id: str,
    api_version: str = DEFAULT,
    *,
    workspace: Workspace | None = None,
    deadline: float = DEADLINE,
    today: dt.date | None = None,
    embedded: bool = False,
) -> Verification:
    """Ask HubSpot what this token is and may do, and return what was found.

    Checked in this order, up to the first that makes the next pointless: address, reachable, token, portal, scopes by
    feature, quota. What can be expected to fail is a failed check, never an exception. `workspace` shares the pace
    with what else runs in it.
    """
    found = _Found()
    quota = None
    try:
        address, secret, version = url.check(base_url, embedded=embedded), Token.of(token), check(api_version)
    except BadInput as error:
        found.failed("address and token", f"{error.title} {error.detail}", error.hint)
        return _verification(found, None, base_url, api_version)
    pacer = Pacer(file=workspace.pace_file if workspace else None, portal_id=portal_id)
    gateway = Gateway(
        base_url=address,
        token=token,
        api_version=version,
        pacer=pacer,
        deadline=deadline,
        patience=PATIENCE,
        embedded=embedded,
    )
    try:
        if _ask(found, gateway, secret, portal_id.strip()):
            quota = _quota(found, gateway)
    finally:
        pacer.close()
    day = today or dt.datetime.now(dt.UTC).date()
    outdated = warning(version, day) or pinned_warning(version, day)
    if outdated:
        found.failed("API version", outdated, "Change it before that day.", required=False)
    return _verification(found, quota, address, version)


def _ask(found: _Found, gateway: Gateway, token: Token, portal_id: str) -> bool:
    """Go through the checks that need HubSpot; return whether it makes sense to go on."""
    try:
        info = _token_info(gateway, token)
        found.account = account.details(gateway)
    except PortalError as error:
        _explain(found, error, gateway, token)
        return False
    found.passed("reachable", f"HubSpot answers at {gateway.base_url}.")
    found.passed("token", f"HubSpot accepts the token {token.masked}.")
    if not token.is_usual:
        detail = "It does not look like HubSpot's tokens (pat-na1-…), but HubSpot accepts it."
        found.checks.append(Check(name="form of the token", ok=True, detail=detail, required=False))
    found.portal_id = found.account.portal_id or (info.portal_id if info else "")
    theirs = {one for one in (found.portal_id, info.portal_id if info else "") if one}
    if theirs != {portal_id}:
        found.failed(
            "portal",
            f"This token belongs to portal {' / '.join(sorted(theirs)) or 'unknown'}, not to {portal_id or '(none)'}.",
            "Correct the portal id, or take the token of the other portal. It is never saved like this.",
        )
        return False
    found.passed("portal", f"The token belongs to portal {portal_id} ({found.account.account_type or 'unknown type'}).")
    found.readable = True
    _scopes(found, gateway, info)
    return True


def _token_info(gateway: Gateway, token: Token) -> TokenInfo | None:
    """Return what HubSpot says of the token, or None where it does not describe tokens of this kind."""
    try:
        return account.token_info(gateway, token.secret)
    except (Unauthorized, Unreachable, RateLimited):
        raise
    except PortalError:
        return None  # observed only for private apps: a service key may be refused here and good all the same


def _scopes(found: _Found, gateway: Gateway, info: TokenInfo | None) -> None:
    if info is None or not info.scopes:
        _probe(found, gateway)
        return
    found.scopes, found.missing = info.scopes, scopes.missing(info.scopes)
    for feature in scopes.FEATURES:
        lacking = feature.missing(info.scopes)
        if lacking and feature.extra:
            found.passed(f"scopes: {feature.name}", f"Not granted; add {', '.join(lacking)} to use it.")
        elif lacking:
            found.failed(
                f"scopes: {feature.name}",
                f"The token lacks {', '.join(lacking)}.",
                "Add them in HubSpot to the service key (Settings › Integrations › Service keys) or private app.",
                required=feature.required,
            )
        else:
            found.passed(f"scopes: {feature.name}", "The token has them.")


#: Reads that tell whether a feature may be read where HubSpot does not list the token's scopes.
_PROBES = (
    ("Contacts and their properties", "contacts.page", {"limit": 1}, None),
    ("Lists", "lists.search", None, {"count": 1, "offset": 0}),
    ("E-mails and engagement", "emails.page", {"limit": 1}, None),
)  # the extra ones can wait until somebody wants them


def _probe(found: _Found, gateway: Gateway) -> None:
    required = {feature.name: feature.required for feature in scopes.FEATURES}
    for name, route, query, body in _PROBES:
        try:
            gateway.call(route, query=query, body=body)
        except MissingScope as error:
            found.missing += error.scopes[:1]  # any of them would do
            named = " or ".join(error.scopes) or "a scope HubSpot does not name"
            fix = "Add it in HubSpot to the service key or private app."
            found.failed(f"scopes: {name}", f"The token lacks {named}.", fix, required=required[name])
        except PortalError as error:
            found.failed(f"scopes: {name}", f"{error.title} {error.detail}", error.hint, required=required[name])
        else:
            found.passed(f"scopes: {name}", "Reading works; HubSpot does not tell whether writing does.")


def _quota(found: _Found, gateway: Gateway) -> Quota:
    quota = gateway.pacer.quota
    if quota.daily is None or quota.remaining is None:
        found.passed("quota", f"{quota.per_10s} requests in ten seconds; HubSpot does not tell the day's.")
    elif quota.remaining == 0:
        found.failed("quota", "Today's requests are used up.", "Syncs go on after midnight there.", required=False)
    else:
        left = f"{quota.remaining:,} of {quota.daily:,} requests left today"
        found.passed("quota", f"{left}, {quota.per_10s} in ten seconds.")
    return quota


def _explain(found: _Found, error: PortalError, gateway: Gateway, token: Token) -> None:
    """Say which check the error is the failure of."""
    where = gateway.base_url
    if isinstance(error, Unauthorized):
        found.passed("reachable", f"HubSpot answers at {where}.")
        found.failed("token", f"HubSpot does not accept the token {token.masked}: {error.detail}", error.hint)
    elif isinstance(error, RateLimited):
        found.passed("reachable", f"HubSpot answers at {where}.")
        found.failed("quota", f"{error.title} {error.detail}", error.hint)
    elif isinstance(error, MissingScope):
        found.passed("reachable", f"HubSpot answers at {where}.")
        found.failed("token", f"The token may not even read the account. {error.detail}", error.hint)
    elif isinstance(error, NotThere | Garbled):
        detail = f"Something answers at {where}, but not as HubSpot does. {error.title}"
        found.failed("reachable", detail, "Check the base URL and HUBSPOT_API_VERSION.")
    else:
        found.failed("reachable", f"{error.title} ({where}) {error.detail}", error.hint)


def _verification(found: _Found, quota: Quota | None, base_url: str, api_version: str) -> Verification:
    return Verification(
        ok=all(one.ok for one in found.checks if one.required),
        checks=tuple(found.checks),
        portal_id=found.portal_id,
        scopes=found.scopes,
        missing_scopes=found.missing,
        account=found.account,
        quota=quota,
        readable=found.readable,
        base_url=base_url,
        api_version=api_version,
    )

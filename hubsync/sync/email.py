"""Target e-mail: a copy of a template for a segment, sent to nobody: a person looks at it in HubSpot and sends it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from hubsync.core.errors import BadInput
from hubsync.core.plan import Change, Guard, Op
from hubsync.core.subject import tokens, torn
from hubsync.sync import static_list
from hubsync.sync.proposal import EmailAsk, Proposal, Scene

#: HubSpot's states of an e-mail that nobody has sent or planned to.
DRAFT = "DRAFT"
#: Names shown where one is not known.
SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class _There:
    """An e-mail as the mirror knows it."""

    email_id: str
    name: str
    subject: str
    state: str
    list_ids: tuple[str, ...]


def propose(scene: Scene) -> Proposal:
    """Return the changes that bring audience and draft in step: the segment's list, and one draft that goes to it.

    The draft is known by its name: one that is there is put right, never doubled. Raises BadInput for a template or
    a list left out that the mirror does not know.
    """
    ask = scene.ask.email
    if ask is None or not ask.template_id:
        raise BadInput("Which template?", "Nothing was planned.", f"Say --template ID. {_known(scene)}")
    template = _one(scene, "email_id", ask.template_id)
    if template is None:
        raise BadInput(f"There is no e-mail '{ask.template_id}'.", _known(scene), "Name one of these, or pull first.")
    _check_lists(scene, ask)
    audience = static_list.propose(scene)
    name = ask.name or f"{audience.list_name} – {template.name}"
    subject = ask.subject or template.subject
    terms = {
        "template_id": ask.template_id,
        "subject": subject,
        "list": audience.list_name,
        "exclude": sorted(ask.exclude),
    }
    guards, warnings = _subject(scene, subject)
    there, row, own = _draft(scene, name, terms, str(audience.options.get("list_id") or ""))
    if row is not None:
        row = replace(row, reason=f"a copy of “{template.name}” to “{audience.list_name}”, {row.reason}")
    options: dict[str, Any] = {
        **audience.options,
        "email": {**terms, "name": name, "email_id": there, "adopts": any(guard.override for guard in own)},
    }
    return replace(
        audience,
        changes=chain(audience.changes, [row] if row else []),
        guards=(*audience.guards, *own, *guards),
        warnings=(*audience.warnings, *warnings, *([_LEFT] if row else [])),
        options=options,
    )


_LEFT = "The e-mail is left as a draft: a person looks at it in HubSpot and sends it."


def _draft(
    scene: Scene, name: str, terms: dict[str, Any], list_id: str
) -> tuple[str, Change | None, tuple[Guard, ...]]:
    """Return (its id or "", the row that makes it or puts it right, guards)."""
    remembered = scene.facts.get(f"email:{name}", ("",))[0]
    written = scene.facts.get(f"email_terms:{name}", ("",))[0]
    as_written = written == json.dumps(terms, sort_keys=True)
    if scene.fact(f"email:{name}"):  # made since the mirror was read
        return remembered, None if as_written else _row(name, remembered, terms, "with what changed"), ()
    found = _one(scene, "email_id", remembered) if remembered else None
    if found is None:
        other = _one(scene, "name", name)
        if other is not None:
            sent = other.state != DRAFT
            return other.email_id, _row(name, other.email_id, terms, "taken over"), (_taken(name, sent=sent),)
        return "", _row(name, "", terms, "deleted in HubSpot" if remembered else "left as a draft"), ()
    if found.state != DRAFT:
        return remembered, None, (_sent(name),) if not as_written else ()
    if as_written and found.subject == terms["subject"] and list_id in found.list_ids:
        return remembered, None, ()
    return remembered, _row(name, remembered, terms, "with what changed"), ()


def _row(name: str, old: str, terms: dict[str, Any], reason: str) -> Change:
    return Change(
        op=Op.DRAFT_EMAIL, customer_id="", contact_id="", field=name, old=old, new=terms["template_id"], reason=reason
    )


def _subject(scene: Scene, subject: str) -> tuple[tuple[Guard, ...], tuple[str, ...]]:
    names = {
        row[0] for row in scene.side.con.execute("select name from mirror_properties where not archived").fetchall()
    }
    found = tokens(subject)
    wrong = [token.text for token in found if token.name not in names]
    bare = [token.text for token in found if token.name in names and token.fallback is None]
    guards = []
    if wrong or torn(subject):
        guards.append(
            Guard(
                code="email_token",
                message=f"HubSpot cannot fill in {', '.join(wrong) or 'a brace without its other'} of the subject.",
                hint="Name a property of contacts: {{ contact.firstname|default('there') }}.",
            )
        )
    return tuple(guards), tuple(f"{text} has no fallback: who has no value there reads a gap." for text in bare)


def _check_lists(scene: Scene, ask: EmailAsk) -> None:
    known = {row[0] for row in scene.side.con.execute("select list_id from mirror_lists").fetchall()}
    unknown = [list_id for list_id in ask.exclude if list_id not in known]
    if unknown:
        raise BadInput(
            f"There is no list '{unknown[0]}'.", "Nothing was planned.", "Give the ids of lists, or pull first."
        )


def _one(scene: Scene, column: str, value: str) -> _There | None:
    rows = scene.side.con.execute(
        "select email_id, name, subject, state, list_ids from mirror_emails"  # noqa: S608 - one of two words of ours
        f" where {column} = $value order by email_id limit 1",
        {"value": value},
    ).fetchall()
    return (
        _There(
            email_id=rows[0][0], name=rows[0][1], subject=rows[0][2], state=rows[0][3], list_ids=tuple(rows[0][4] or ())
        )
        if rows
        else None
    )


def _known(scene: Scene) -> str:
    rows = scene.side.con.execute("select email_id, name from mirror_emails order by name limit $n", {"n": SHOWN})
    told = ", ".join(f"{email_id} “{name}”" for email_id, name in rows.fetchall())
    return f"E-mails in HubSpot: {told}." if told else "No e-mails were read from HubSpot; pull, or check the scopes."


def _taken(name: str, *, sent: bool) -> Guard:
    return Guard(
        code="email_sent" if sent else "email_taken",
        message=f"An e-mail “{name}” is there already, {'and was sent' if sent else 'not made from here'}.",
        hint="Give the draft another name (--email-name)"
        + ("." if sent else ", or type its name to write audience and subject into it."),
        override="" if sent else name,
    )


def _sent(name: str) -> Guard:
    return Guard(
        code="email_sent",
        message=f"“{name}” is no draft any more: it was sent, or is about to be.",
        hint="Give the next one another name (--email-name).",
    )

"""The parts of the page about what a portal holds besides contacts: lists, e-mails, workflows, properties."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from hubsync.sandbox import filters
from hubsync.sandbox.markup import Markup, button, element, facts, joined, link, section, table, when
from hubsync.sandbox.portal import Portal
from hubsync.sandbox.state import Json

_SHOWN_EMAILS = 25
_COUNTERS = ("sent", "delivered", "open", "click", "bounce", "unsubscribed")
_RATIOS = {"openratio": "Opened of delivered", "clickratio": "Clicked of delivered"}


class Holdings:
    """Draws them."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def lists(self) -> Markup:
        """Draw the lists."""
        portal = self._portal
        rows = [
            (
                link(row.name, list=row.id),
                len(portal.lists.roster(row)),
                row.processing,
                "PROCESSING" if portal.lists.processing(row) else "COMPLETE",
                when(row.created_at),
            )
            for row in portal.lists.all()
        ]
        return section("Lists", table(("Name", "Members", "Type", "Status", "Created"), rows))

    def emails(self) -> Markup:
        """Draw the newest e-mails with what became of them."""
        newest = sorted(self._portal.state.emails.values(), key=lambda row: str(row["publishDate"]), reverse=True)
        rows = []
        for email in islice(newest, _SHOWN_EMAILS):
            counters = self._portal.mail.statistics([email["id"]])["counters"]
            published = when(email["publishDate"]) if email["isPublished"] else "draft"
            rows.append((link(email["name"], email=email["id"]), published, *(counters[name] for name in _COUNTERS)))
        heads = ("Name", "Published", *(name.capitalize() for name in _COUNTERS))
        rest = len(newest) - _SHOWN_EMAILS
        more = element("p", f"and {rest:,} earlier", class_="soft") if rest > 0 else ""
        return section("E-mails", table(heads, rows), more)

    def email(self, email_id: str) -> Markup:
        """Draw one e-mail: to which lists it goes and what became of it."""
        email = self._portal.state.emails.get(email_id)
        if email is None:
            return section("E-mail", element("p", f"There is no e-mail {email_id}."))
        statistics = self._portal.mail.statistics([email_id])
        lists = ((email.get("to") or {}).get("contactIlsLists") or {}).get("include") or []
        return section(
            f"E-mail {email['name']}",
            element("p", f"Subject: {email.get('subject') or 'none'}"),
            element("p", "To: ", self._listed(lists)) if lists else "",
            facts(
                (
                    ("Published", when(email["publishDate"]) if email["isPublished"] else "draft"),
                    *((name.capitalize(), f"{statistics['counters'][name]:,}") for name in _COUNTERS),
                    *((text, f"{statistics['ratios'][name]:.1f} %") for name, text in _RATIOS.items()),
                )
            ),
        )

    def flows(self) -> Markup:
        """Draw the workflows, the lists they listen to, and the switch that only people have."""
        rows = [
            (
                flow["name"],
                self._listed(_lists(flow)),
                "on" if flow["isEnabled"] else "off",
                sum(key.startswith(f"{flow['workflowId']}:") for key, _ in self._portal.state.enrolments.items()),
                button(
                    "Turn off" if flow["isEnabled"] else "Turn on",
                    "flow",
                    id=flow["id"],
                    on="false" if flow["isEnabled"] else "true",
                ),
            )
            for flow in self._portal.state.flows.values()
        ]
        return section("Workflows", table(("Name", "Lists", "State", "Enrolled", ""), rows))

    def properties(self) -> Markup:
        """Draw the contact properties: an integration's own, then HubSpot's."""
        rows = [row for row in self._portal.state.properties.values() if not row["archived"]]
        heads = ("Name", "Label", "Type", "Group")
        own, standard = (
            [
                (row["name"], row["label"], row["type"], row["groupName"])
                for row in rows
                if bool(row.get("hubspotDefined")) == theirs
            ]
            for theirs in (False, True)
        )
        return section(
            "Properties",
            table(heads, own, own=range(len(own))),
            element("details", element("summary", f"HubSpot's own ({len(standard)})"), table(heads, standard)),
        )

    def _listed(self, list_ids: list[str]) -> Markup:
        shown = []
        for list_id in map(str, list_ids):
            row = self._portal.lists.get(list_id)
            shown.append(link(row.name, list=list_id) if row is not None else f"list {list_id}, which is gone")
        return joined(joined((", " if at else "", one)) for at, one in enumerate(shown))


def _lists(flow: Json) -> list[str]:
    """Return the lists a workflow enrols from."""
    criteria = flow.get("enrollmentCriteria") or {}
    branches: Iterator[Json] = filter(
        None, (criteria.get("listFilterBranch"), *(criteria.get("listMembershipFilterBranches") or ()))
    )
    found = (
        str(leaf["listId"])
        for branch in branches
        for leaf in filters.leaves(branch)
        if leaf.get("filterType") == "IN_LIST" and "listId" in leaf
    )
    return list(dict.fromkeys(found))

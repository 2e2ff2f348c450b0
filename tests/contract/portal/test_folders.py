"""Folders of lists, at every version of the paths."""

from __future__ import annotations

import pytest

from hubsync.portal.errors import Unclear
from hubsync.portal.folders import ROOT, Folders
from hubsync.portal.lists import Lists


def test_a_folder_is_made_once_and_lists_move_into_it(portal) -> None:
    folders = Folders(portal)
    made, created = folders.ensure("Behaviours")
    again, created_again = folders.ensure("Behaviours")
    assert (created, created_again, again.id) == (True, False, made.id)
    everybody = Lists(portal).by_name("Everybody")
    assert everybody is not None
    folders.move(everybody.id, made.id)
    assert [(found.name, found.parent_id, found.list_ids) for found in folders.all()] == [
        ("Behaviours", ROOT, {everybody.id})
    ]


def test_a_folder_of_the_same_name_elsewhere_is_another(portal) -> None:
    folders = Folders(portal)
    outer, _ = folders.ensure("Behaviours")
    inner, created = folders.ensure("Behaviours", outer.id)
    assert created
    assert inner.parent_id == outer.id
    assert {found.id for found in folders.all()} == {outer.id, inner.id}


def test_of_several_folders_of_one_name_the_oldest_is_taken(hubspot, gateway) -> None:
    nodes = [{"id": one, "name": "B", "parentFolderId": 0, "childNodes": [], "childLists": [3]} for one in (10, 9)]
    hubspot.replies = [hubspot.answer(200, {"folder": {"id": 0, "childNodes": nodes, "childLists": []}})]
    found, created = Folders(gateway).ensure("B")
    assert (found.id, created, found.list_ids) == ("9", False, {"3"})


def test_a_folder_that_may_have_been_made_is_not_made_again(hubspot, gateway) -> None:
    hubspot.replies = [hubspot.answer(200, {"folder": {"id": "0", "childNodes": []}}), None]
    with pytest.raises(Unclear):
        Folders(gateway).ensure("B")
    assert len(hubspot.asked) == 2

"""Clients that others wrote for HubSpot run unmodified against the sandbox, and find what it holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.clients import install, links, node, tap
from bench.clients.seed import SEED
from bench.clients.truth import Truth, held
from hubsync.sandbox.portal import Settings
from hubsync.sandbox.server import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=SEED, settings=Settings(processing_seconds=0, search_lag=0)) as sandbox:
        yield sandbox


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return held(sandbox.base_url, sandbox.token)


def test_hubspots_node_client_reads_and_writes_with_its_own_models(sandbox: Sandbox, truth: Truth) -> None:
    try:
        told = node.run(sandbox.base_url, sandbox.token)
    except install.Absent as reason:
        pytest.skip(str(reason))
    assert node.differences(told, truth) == []


def test_what_the_singer_tap_lands_is_what_the_sandbox_holds(sandbox: Sandbox, truth: Truth) -> None:
    try:
        records = tap.read(sandbox.base_url, sandbox.token)
    except install.Absent as reason:
        pytest.skip(str(reason))
    assert tap.differences(records, truth) == []
    assert truth.contacts
    assert truth.memberships


def test_dlt_follows_the_links_in_the_answers_to_the_end(sandbox: Sandbox, truth: Truth) -> None:
    try:
        found = links.read(sandbox.base_url, sandbox.token)
    except install.Absent as reason:
        pytest.skip(str(reason))
    assert links.differences(found, sandbox.base_url, truth) == []
    assert len(found["urls"]) > 2

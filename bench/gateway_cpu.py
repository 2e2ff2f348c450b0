"""CPU that 100 contacts cost the client: our gateway beside HubSpot's typed models, batch by batch in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from hubspot import HubSpot
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInput,
    BatchReadInputSimplePublicObjectId,
    SimplePublicObjectBatchInput,
    SimplePublicObjectId,
)

from bench.served import sandbox
from hubsync.portal.contacts import Contacts
from hubsync.portal.gateway import Gateway
from hubsync.portal.pace import Pacer

BATCHES = 60
#: Properties asked for: as many as a pull asks for.
PROPERTIES = ["email", "firstname", "lastname", "hs_email_delivered", "hs_email_open", "hs_email_click"]
EVERYTHING = {"x-hubspot-ratelimit-max": "1000000", "x-hubspot-ratelimit-interval-milliseconds": "10000"}


def cost(work: Callable[[], object]) -> float:
    """Milliseconds of CPU of this process."""
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def main() -> None:
    """Print a row for reading and one for writing."""
    with sandbox(100) as served:
        pacer = Pacer(file=None, portal_id=str(served.portal_id))
        pacer.learn(EVERYTHING)
        gateway = Gateway(base_url=served.base_url, token=served.token, pacer=pacer, embedded=True)
        ours = Contacts(gateway)
        theirs: Any = HubSpot(access_token=served.token, host=served.base_url, base_url=served.base_url)
        batch = theirs.crm.contacts.batch_api
        ids = [contact.id for contact in ours.all()]
        numbers = iter(range(1_000_000))

        def write_ours() -> object:
            name = f"N{next(numbers)}"
            return ours.update([(str(n), contact_id, {"firstname": name}) for n, contact_id in enumerate(ids)])

        def write_theirs() -> object:
            name = f"N{next(numbers)}"
            inputs = [
                SimplePublicObjectBatchInput(id=one, properties={"firstname": name}, object_write_trace_id=str(n))
                for n, one in enumerate(ids)
            ]
            return batch.update(BatchInputSimplePublicObjectBatchInput(inputs=inputs))

        def read_theirs() -> object:
            inputs = [SimplePublicObjectId(id=contact_id) for contact_id in ids]
            asked = BatchReadInputSimplePublicObjectId(inputs=inputs, properties=PROPERTIES, properties_with_history=[])
            return batch.read(asked)

        rows: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "read 100 contacts": (lambda: ours.read(ids, PROPERTIES), read_theirs),
            "update 100 contacts": (write_ours, write_theirs),
        }
        for name, (mine, model) in rows.items():
            mine(), model()
            pairs = [(cost(mine), cost(model)) for _ in range(BATCHES)]
            mine_ms, model_ms = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(a / b for a, b in pairs)
            print(f"{name}: gateway {mine_ms:.2f} ms, models {model_ms:.2f} ms, ratio {ratio:.3f} of {BATCHES} pairs")
        gateway.close()


if __name__ == "__main__":
    main()

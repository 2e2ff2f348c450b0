"""What the three clients of the wider suite send alike: an import, an export, an event's definition."""

from __future__ import annotations

import json
from typing import Any

FILE = "people.csv"
#: Two known people, one new, one whose address is none.
ROWS = "Email,Score\nana@example.com,91\nbo@example.com,lots\nnew@example.com,7\nnobody,1\n"
IMPORT = json.dumps(
    {
        "name": "People",
        "importOperations": {"0-1": "UPSERT"},
        "files": [
            {
                "fileName": FILE,
                "fileFormat": "CSV",
                "fileImportPage": {
                    "hasHeader": True,
                    "columnMappings": [
                        {
                            "columnObjectTypeId": "0-1",
                            "columnName": "Email",
                            "propertyName": "email",
                            "columnType": "HUBSPOT_ALTERNATE_ID",
                        },
                        {"columnObjectTypeId": "0-1", "columnName": "Score", "propertyName": "score"},
                    ],
                },
            }
        ],
    }
)
SCORE_MOVED = {
    "label": "Score moved",
    "name": "score_moved",
    "includeDefaultProperties": False,
    "propertyDefinitions": [{"name": "score", "label": "Score", "type": "number", "options": []}],
}


def export(list_id: str) -> dict[str, Any]:
    """Return the body that asks for an export of a list."""
    return {
        "exportType": "LIST",
        "exportName": "Members",
        "format": "CSV",
        "language": "EN",
        "objectType": "CONTACT",
        "objectProperties": ["email", "score"],
        "listId": list_id,
        "associatedObjectType": [],
        "exportInternalValuesOptions": ["NAMES"],
        "includeLabeledAssociations": False,
        "includePrimaryDisplayPropertyForAssociatedObjects": False,
        "overrideAssociatedObjectsPerDefinitionPerRowLimit": False,
    }

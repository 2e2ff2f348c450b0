"""The shapes of request bodies: what HubSpot's JSON reader takes before any endpoint looks at it.

A shape is `str` (any scalar: HubSpot reads numbers and truths as text where text is wanted), `int`, `bool`, `object`
(anything), a list with the shape of its items, or a dictionary of fields with their shapes, `*` for all others.
Unknown fields pass; null passes wherever something may be left out.
"""

from __future__ import annotations

from typing import Any

Shape = type | list[Any] | dict[str, Any]

#: Digits beyond which a number in a query is taken for nonsense.
_DIGITS = 15
_NAMES = {str: "java.lang.String", int: "java.lang.Integer", bool: "java.lang.Boolean"}

PROPERTIES: Shape = {"*": str}
ROW: Shape = {"id": str, "idProperty": str, "objectWriteTraceId": str, "properties": PROPERTIES}
BATCH: Shape = {"inputs": [ROW]}
MERGE: Shape = {"primaryObjectId": str, "objectIdToMerge": str}
ERASURE: Shape = {"objectId": str, "idProperty": str}
READ: Shape = {"inputs": [{"id": str}], "idProperty": str, "properties": [str], "propertiesWithHistory": [str]}
CONTACT: Shape = {"properties": PROPERTIES}
SEARCH: Shape = {
    "filterGroups": [
        {
            "filters": [
                {"propertyName": str, "operator": str, "value": str, "highValue": str, "values": [str]},
            ]
        }
    ],
    "sorts": [object],
    "query": str,
    "properties": [str],
    "limit": int,
    "after": str,
}
OPTIONS: Shape = [{"label": str, "value": str, "description": str, "displayOrder": int, "hidden": bool}]
PROPERTY: Shape = {
    "name": str,
    "label": str,
    "type": str,
    "fieldType": str,
    "groupName": str,
    "description": str,
    "options": OPTIONS,
    "displayOrder": int,
    "hasUniqueValue": bool,
    "hidden": bool,
    "formField": bool,
    "dataSensitivity": str,
}
PROPERTY_NAMES: Shape = {"inputs": [{"name": str}], "archived": bool}
GROUP: Shape = {"name": str, "label": str, "displayOrder": int}
_POINT: Shape = {
    "timeType": str,
    "zoneId": str,
    **dict.fromkeys(("year", "month", "day", "hour", "minute", "second", "millisecond"), int),
    "indexReference": {"referenceType": str},
    "offset": {"*": int},
}
_FILTER: Shape = {
    "filterType": str,
    "property": str,
    "listId": str,
    "operator": str,
    "operation": {
        "operationType": str,
        "operator": str,
        "includeObjectsWithNoValueSet": bool,
        "value": str,
        "values": [str],
        "lowerBound": str,
        "upperBound": str,
        "timePoint": _POINT,
        "lowerBoundTimePoint": _POINT,
        "upperBoundTimePoint": _POINT,
    },
}
BRANCH: dict[str, Any] = {"filterBranchType": str, "filterBranchOperator": str, "filters": [_FILTER]}
BRANCH["filterBranches"] = [BRANCH]
LIST: Shape = {
    "name": str,
    "objectTypeId": str,
    "processingType": str,
    "listFolderId": str,
    "filterBranch": BRANCH,
}
FOLDER: Shape = {"name": str, "parentFolderId": str}
LIST_MOVE: Shape = {"listId": str, "newFolderId": str}
CONVERSION: Shape = {
    "conversionType": str,
    "timeUnit": str,
    **dict.fromkeys(("year", "month", "day", "offset"), int),
}
LIST_SEARCH: Shape = {
    "query": str,
    "offset": int,
    "count": int,
    "processingTypes": [str],
    "listIds": [str],
    "objectTypeId": str,
    "after": str,
}
_RECIPIENTS: Shape = {"include": [str], "exclude": [str]}
EMAIL: Shape = {
    "name": str,
    "subject": str,
    "language": str,
    "publishDate": str,
    "to": {
        "contactIds": _RECIPIENTS,
        "contactIlsLists": _RECIPIENTS,
        "contactLists": _RECIPIENTS,
        "limitSendFrequency": bool,
        "suppressGraymail": bool,
    },
    "content": {"*": object},
    "from": {"*": str},
}
EMAIL_CLONE: Shape = {"id": str, "cloneName": str, "language": str}
FLOW: Shape = {
    "type": str,
    "name": str,
    "objectTypeId": str,
    "revisionId": str,
    "isEnabled": bool,
    "actions": [{"actionId": str, "actionTypeId": str, "type": str, "fields": {"*": object}}],
    "enrollmentCriteria": {"type": str, "listFilterBranch": BRANCH},
    "suppressionListIds": [object],
}
FLOW_IDS: Shape = {"inputs": [{"type": str, "flowId": str, "workflowId": str, "*": object}]}
IDS: Shape = {"inputs": [{"id": str}]}
CONSENT: Shape = {
    "subscriberIdString": str,
    "subscriptionId": str,
    "statusState": str,
    "channel": str,
    "legalBasis": str,
    "legalBasisExplanation": str,
}
LEGACY_CONSENT: Shape = {
    "emailAddress": str,
    "subscriptionId": str,
    "legalBasis": str,
    "legalBasisExplanation": str,
}
EVENT: Shape = {
    "eventName": str,
    "email": str,
    "objectId": str,
    "utk": str,
    "uuid": str,
    "occurredAt": str,
    "properties": PROPERTIES,
}
EVENT_TYPE: Shape = {
    "label": str,
    "name": str,
    "description": str,
    "primaryObject": str,
    "includeDefaultProperties": bool,
    "propertyDefinitions": [PROPERTY],
}
IMPORT: Shape = {
    "name": str,
    "importOperations": {"*": str},
    "createContactListFromImport": bool,
    "files": [
        {
            "fileName": str,
            "fileFormat": str,
            "fileImportPage": {
                "hasHeader": bool,
                "columnMappings": [
                    {"columnObjectTypeId": str, "columnName": str, "propertyName": str, "columnType": str},
                ],
            },
        }
    ],
}
EXPORT: Shape = {
    "exportType": str,
    "exportName": str,
    "format": str,
    "language": str,
    "objectType": str,
    "objectProperties": [str],
    "listId": str,
    "exportInternalValuesOptions": [str],
    "publicCrmSearchRequest": SEARCH,
}
MEMBERSHIP_CHANGE: Shape = {"recordIdsToAdd": [str], "recordIdsToRemove": [str]}
RECORDS: Shape = {"inputs": [{"objectTypeId": str, "recordId": str}]}


def misfit(shape: Shape, value: object) -> str | None:
    """Return what does not fit, in the words of HubSpot's JSON reader, or None where all does."""
    if shape is object or value is None:
        return None
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return _mismatch("java.util.LinkedHashMap", value)
        others: Shape = shape.get("*", object)
        parts = [(shape.get(key) or others, item) for key, item in value.items()]
    elif isinstance(shape, list):
        if not isinstance(value, list) or None in value:
            return _mismatch("java.util.ArrayList", value)
        parts = [(shape[0], item) for item in value]
    elif shape is str:
        return _mismatch(_NAMES[str], value) if isinstance(value, dict | list) else None
    else:
        # In Python a truth is a number too; in JSON it is not.
        fits = isinstance(value, shape) and (shape is bool) == isinstance(value, bool)
        return None if fits else _mismatch(_NAMES[shape], value)
    return next((problem for part, item in parts if (problem := misfit(part, item))), None)


def whole(text: str) -> int | None:
    """Return the whole number, 0 or more, that `text` is, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _mismatch(java_type: str, value: object) -> str:
    kind = "Object value (token `JsonToken.START_OBJECT`)"
    if isinstance(value, list):
        kind = "Array value (token `JsonToken.START_ARRAY`)"
    elif not isinstance(value, dict):
        kind = f"{type(value).__name__} value"
    return f"Cannot deserialize value of type `{java_type}` from {kind}"

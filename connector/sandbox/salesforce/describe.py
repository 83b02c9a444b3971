"""Describe: what an object and its fields are, in the shape that Salesforce gives."""

from __future__ import annotations

from typing import Any

from connector.sandbox.salesforce.fields import NUMBERS, TEXTS, Field, SObject
from connector.sandbox.salesforce.schema import Sight

_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    **dict.fromkeys(NUMBERS, "xsd:double"),
}
_COMPOUND = {"FiscalQuarter": "Fiscal", "FiscalYear": "Fiscal"}
MASTER_RECORD_TYPE = "012000000000000AAA"


def described_field(field: Field, *, locked: bool) -> dict[str, Any]:
    """The 57 keys of a field, for somebody who may not write it if it is locked."""
    return {
        "aggregatable": field.is_aggregatable,
        "aiPredictionField": False,
        "autoNumber": field.may("a"),
        "byteLength": _bytes(field),
        "calculated": field.formula is not None,
        "calculatedFormula": field.formula,
        "cascadeDelete": False,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": _COMPOUND.get(field.name),
        "controllerName": None,
        "createable": field.may("C") and not locked,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultValueFormula": None,
        "defaultedOnCreate": field.may("D"),
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": 8 if field.type == "int" else 0,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external_id,
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None,
        "filterable": field.is_filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": field.is_groupable,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.may("I") or field.external_id,
        "inlineHelpText": None,
        "label": field.label,
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.may("n"),
        "namePointing": len(field.to) > 1,
        "nillable": field.may("N"),
        "permissionable": field.may("P"),
        "picklistValues": [_choice(value, label, field) for value, label in field.choices],
        "polymorphicForeignKey": len(field.to) > 1,
        "precision": field.precision,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(field.to),
        "relationshipName": field.relationship,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": field.may("R"),
        "scale": field.scale,
        "searchPrefilterable": field.may("s"),
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "sortable": field.is_filterable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.may("U") and not locked,
        "writeRequiresMasterRead": False,
    }


def _bytes(field: Field) -> int:
    if field.type in {"id", "reference"}:
        return 18
    if field.name == "Fiscal":
        return field.length
    return 3 * field.length if field.type in TEXTS else 0


def _choice(value: str, label: str, field: Field) -> dict[str, Any]:
    return {"active": True, "defaultValue": value == field.default, "label": label, "validFor": None, "value": value}


def brief(thing: SObject, base: str) -> dict[str, Any]:
    """An object in the list of all objects."""
    url = f"{base}/sobjects/{thing.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": "C" in thing.writable,
        "custom": thing.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": "D" in thing.writable,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": thing.prefix,
        "label": thing.label,
        "labelPlural": thing.plural,
        "layoutable": True,
        "mergeable": thing.name == "Account",
        "mruEnabled": True,
        "name": thing.name,
        "queryable": True,
        "replicateable": "SystemModstamp" in thing.fields,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": "IsDeleted" in thing.fields,
        "updateable": "U" in thing.writable,
        "urls": {
            "rowTemplate": f"{url}/{{ID}}",
            "describe": f"{url}/describe",
            "layouts": f"{url}/describe/layouts",
            "sobject": url,
        },
    }


def whole(thing: SObject, sight: Sight, base: str, host: str) -> dict[str, Any]:
    """An object with its fields, children and record types."""
    known = brief(thing, base)
    known["urls"] |= {
        "uiDetailTemplate": f"https://{host}/{{ID}}",
        "uiEditTemplate": f"https://{host}/{{ID}}/e",
        "uiNewRecord": f"https://{host}/{thing.prefix}/e",
    }
    rest = {
        "actionOverrides": [],
        "childRelationships": _children(thing, sight),
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [
            described_field(each, locked=(thing.name, each.name) in sight.locked) for each in thing.fields.values()
        ],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_record_type(known["urls"]["layouts"])],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {thing.plural.lower()}", "name": "everything"}],
    }
    return dict(sorted((known | rest).items()))


def _children(thing: SObject, sight: Sight) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": False,
            "childSObject": other.name,
            "deprecatedAndHidden": False,
            "field": each.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": None,
            "restrictedDelete": False,
        }
        for other in sight.objects.values()
        for each in other.fields.values()
        if thing.name in each.to
    ]


def _record_type(layouts: str) -> dict[str, Any]:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": {"layout": f"{layouts}/{MASTER_RECORD_TYPE}"},
    }

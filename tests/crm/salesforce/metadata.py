"""The metadata WSDL that comes with the SDK, as a judge of files; and zips taken apart."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

_XSD = "{http://www.w3.org/2001/XMLSchema}"
META = "{http://soap.sforce.com/2006/04/metadata}"


@cache
def schema(roots: Iterable[str]) -> Any:
    """The WSDL's types, with one root element for each kind of file."""
    wsdl = etree.fromstring(files("simple_salesforce").joinpath("metadata.wsdl").read_bytes())
    types = wsdl.find(f".//{_XSD}schema")
    for name in roots:
        etree.SubElement(types, f"{_XSD}element", name=name, type=f"tns:{name}")
    return etree.XMLSchema(etree.fromstring(etree.tostring(types)))


def complaints(text: bytes) -> list[str]:
    """What the WSDL does not know of a file: elements, and words of its enumerations.

    Its sequences are sorted by name while the service takes any order, so the order is not judged; `fullName` is
    inherited, and comes first.
    """
    document = etree.fromstring(text)
    _sort(document)
    judge = schema((etree.QName(document).localname,))
    return [] if judge.validate(document) else [str(each) for each in judge.error_log]


def _sort(node: Any) -> None:
    for child in node:
        _sort(child)
    node[:] = sorted(
        node,
        key=lambda each: (
            _INHERITED.get(each.tag.removeprefix(META), 9) if _is_step(node) else each.tag != f"{META}fullName",
            each.tag,
        ),
    )


# What steps of a flow inherit comes first, the oldest ancestor's before all.
_INHERITED = {
    "processMetadataValues": 0,
    "description": 1,
    "name": 1,
    "elementSubtype": 2,
    "label": 2,
    "locationX": 2,
    "locationY": 2,
}


def _is_step(node: Any) -> bool:
    return node.tag in {f"{META}recordCreates", f"{META}start"}


def unzipped(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def texts(node: Any, path: str) -> list[str]:
    return [each.text for each in node.findall("/".join(f"{META}{part}" for part in path.split("/")))]


def canonical(text: bytes) -> Any:
    """A file without regard to the order of its elements and to white space."""

    def told(node: Any) -> Any:
        return (etree.QName(node).localname, (node.text or "").strip(), sorted(map(told, node), key=repr))

    return told(etree.fromstring(text))

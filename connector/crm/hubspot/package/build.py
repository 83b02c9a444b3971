"""The project of one mapping, file by file, for `hs project upload`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from posixpath import dirname, normpath

from connector.crm.hubspot.fields import properties_of
from connector.crm.hubspot.package import generated, manifest
from connector.crm.hubspot.package.places import Places, places
from connector.crm.hubspot.scopes import scopes
from connector.model.changes import Wanted
from connector.normalise.mapping import CrmMapping

COMMON = "common"
PROPERTIES, ROWS = "users", "rows"  # modules of one name, by where people's numbers are
WATCHED = {"deals": "deal", "companies": "company"}  # as subscriptions call them
_IMPORT = re.compile(r'from "(\./[^"]+|\.\./[^"]+)"')
# folder → files of its own; what it needs of `common` goes along, because HubSpot builds folder by folder
PARTS: Mapping[str, tuple[str, ...]] = {
    "cards": ("DealCard.tsx", "CompanyCard.tsx"),
    "pages": ("Pages.tsx", "PageNote.tsx", "Team.tsx"),
    "settings": ("SettingsPage.tsx",),
}


@dataclass(frozen=True, slots=True)
class Account:
    """What pages must know of the account and the company."""

    domain: str  # "app.hubspot.com", or where the account's region has it
    currency: str  # of every amount that we write
    told_at: str = ""  # our door: where HubSpot sends changes to, and pages their notes; empty: there is none


def project(mapping: CrmMapping, wanted: Wanted, account: Account) -> dict[str, bytes]:
    """By path. A card without anything to show is left out, and so are pages without numbers."""
    found = places(mapping, wanted, account.told_at)
    made: dict[str, object] = {"hsproject.json": manifest.project()}
    made["src/app/app-hsmeta.json"] = manifest.app(
        scopes(mapping, wanted), [found.page_note.url] if found.page_note else []
    )
    metas = dict(_metas(found))
    made |= metas
    if account.told_at:
        made["src/app/webhooks/webhooks-hsmeta.json"] = manifest.webhooks(account.told_at, list(_watched(mapping)))
    opened = {path.split("/")[2] for path in metas}
    text, common = dict[str, str](), _common(found, account)
    for folder in (each for each in PARTS if each in opened):
        made[f"src/app/{folder}/package.json"] = manifest.package(folder)
        made[f"src/app/{folder}/tsconfig.json"] = manifest.typescript()
        text |= _sources(folder, common)
    text["README.md"] = files(__package__).joinpath("app", "README.md").read_text("utf-8")
    written = {path: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for path, content in made.items()}
    return {path: content.encode() for path, content in sorted({**written, **text}.items())}


def _metas(found: Places) -> Iterator[tuple[str, object]]:
    """What HubSpot is told of each part; who shows nothing is not told of."""
    if found.deals or found.of_people or found.note:
        yield (
            "src/app/cards/deal-hsmeta.json",
            manifest.card("attain_deal_card", "Attain", "The deal's health, and your numbers.", "DealCard.tsx", "DEAL"),
        )
    if found.accounts:
        yield (
            "src/app/cards/company-hsmeta.json",
            manifest.card("attain_company_card", "Attain", "The company's health.", "CompanyCard.tsx", "COMPANY"),
        )
    if found.of_people:
        yield "src/app/pages/pages-hsmeta.json", manifest.pages()
    yield "src/app/settings/settings-hsmeta.json", manifest.settings()


def _watched(mapping: CrmMapping) -> Iterator[tuple[str, Sequence[str]]]:
    """Deals and companies, with the properties that are read of them."""
    for source in mapping.sources:
        if source.object in WATCHED:
            names = [each for each in properties_of(source, mapping) if not each.startswith("hs_is_")]
            yield WATCHED[source.object], tuple(names)


def _common(found: Places, account: Account) -> dict[str, str]:
    """What every folder may take from, the two generated modules included."""
    made = {
        "schema.ts": generated.schema(found, currency=account.currency, domain=account.domain),
        "words.ts": generated.words(),
    }
    app, place = files(__package__).joinpath("app"), ROWS if found.rows else PROPERTIES
    written = (each for folder in (COMMON, place) for each in app.joinpath(folder).iterdir())
    kept = {each.name: each.read_text("utf-8") for each in written if each.is_file()}
    return {f"{COMMON}/{name}": text for name, text in {**kept, **made}.items()}


def _sources(folder: str, common: Mapping[str, str]) -> dict[str, str]:
    """A folder's own files, and whatever of `common` they lead to."""
    app = files(__package__).joinpath("app")
    text = {name: app.joinpath(folder, name).read_text("utf-8") for name in PARTS[folder]}
    waiting = list(text)
    while waiting:
        name = waiting.pop()
        for each in _imported(name, text[name]):
            if each in common and each not in text:
                text[each] = common[each]
                waiting.append(each)
    return {f"src/app/{folder}/{name}": content for name, content in text.items()}


def _imported(name: str, text: str) -> Iterator[str]:
    """Files that `import … from "./…"` may mean, as paths from the folder."""
    for start in _IMPORT.findall(text):
        path = normpath(f"{dirname(name)}/{start}").lstrip("/")
        yield from (f"{path}.ts", f"{path}.tsx")

"""The two modules that are made from the mapping: where everything stands, and every word in both languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from connector.crm.hubspot.address import TYPE_IDS
from connector.crm.hubspot.fields import USERS
from connector.crm.hubspot.package.places import Places
from connector.crm.words import WORDS
from connector.normalise.mapping import RecordFields

# Beside the words that every CRM's pages say; HubSpot calls a deal by another Chinese word than Salesforce does.
OURS: Mapping[str, tuple[str, str]] = {
    "dealHealth": ("Deal health", "交易健康度"),
    "accountHealth": ("Company health", "公司健康度"),
    "rank": ("Rank", "排名"),
    "month": ("Month", "月"),
    "quarter": ("Quarter", "季度"),
    "year": ("Year", "年"),
    "disputeThere": (
        "One of these is yours? Open the deal and say so in its Attain card.",
        "其中有属于您的交易？请打开该交易，在 Attain 卡片中说明。",
    ),
    "noteKind": ("What it is", "类型"),
    "feedback": ("Feedback on a target", "对目标的反馈"),
    "dispute": ("Dispute of a credit", "业绩归属异议"),
    "checkIn": ("Check-in", "沟通记录"),
    "everything": ("All of them", "全部"),
    "deal": ("Deal", "交易"),
    "noteText": ("Your note", "内容"),
    "lastNote": ("Your last note", "您的上一条留言"),
    "sentHere": ("Sent. The answer will stand here.", "已发送。答复将显示在此处。"),
    "earlierWaits": (
        "Your earlier note is still on its way. Send this one in a few minutes.",
        "您之前的留言仍在发送中。请几分钟后再发送。",
    ),
    "nobodyHere": (
        "Attain does not know your login, or it has no record to note this on. Tell your admin.",
        "Attain 无法识别您的登录，或没有可记录留言的用户记录。请告知管理员。",
    ),
    "noteHelp": (
        "Choose what it is, then write. It goes to sales operations, with your name and this deal.",
        "请先选择类型再填写。内容将连同您的姓名和此交易发送给销售运营。",
    ),
    "notAllShown": ("Some people are not shown: you may not see their records.", "部分人员未显示：您无权查看其记录。"),
    "notAllRead": (
        "There are more records than this page reads: something may be missing.",
        "记录数超过此页面读取的上限，可能有内容未显示。",
    ),
    "ready": ("Attain writes here, and your own numbers can be read", "Attain 已写入数据，您的业绩可以读取"),
    "notReady": ("There are no numbers of yours yet", "尚无您的业绩数据"),
    "notReadyHelp": (
        "Run `attain doctor` where Attain is installed: it names what is missing, and what to click.",
        "请在安装 Attain 的机器上运行 `attain doctor`：它会指出缺少的内容及操作步骤。",
    ),
    "writtenHere": ("What Attain writes into this account", "Attain 写入此帐户的内容"),
    "settingsHelp": (
        "What is measured, and where it goes, is set in Attain's own files; export this project again after a change.",
        "衡量内容及写入位置在 Attain 的文件中设置；更改后请重新导出此项目。",
    ),
}


def schema(found: Places, *, currency: str, domain: str) -> str:
    """`schema.ts`. No value of it is a secret, and none is anybody's number."""
    lines = [
        "// Generated from the mapping by `attain install --export`; edits are lost.",
        f'import type {{ HealthPlace, NotePlace, PageNotePlace, {"RowPlace" if found.rows else "Quantity, Scorecard"} }} from "./places";',
        "",
        f"export const DOMAIN = {_json(domain)};",
        f"export const CURRENCY = {_json(currency)};",
        f"export const TYPE_IDS: Readonly<Record<string, string>> = {_json(TYPE_IDS)};",
        f"export const PEOPLE = {_json(TYPE_IDS[USERS])};",
        f"export const OF_PEOPLE: readonly string[] = {_json(found.of_people)};",
        *_of_people(found),
        f"export const DEAL: HealthPlace = {_json(_health(found.deals))};",
        f"export const COMPANY: HealthPlace = {_json(_health(found.accounts))};",
        f"export const NOTE: NotePlace | null = {_json(asdict(found.note) if found.note else None)};",
        f"export const PAGE_NOTE: PageNotePlace | null = {_json(asdict(found.page_note) if found.page_note else None)};",
    ]
    return "\n".join([*lines, ""])


def _of_people(found: Places) -> list[str]:
    """What `rows/people.tsx` takes, or what `users/people.tsx` does."""
    if found.rows:
        return [f"export const ROWS: RowPlace = {_json(asdict(found.rows))};"]
    return [
        f"export const REPORTS: string | null = {_json(found.reports)};",
        f"export const NUMBERS: readonly Quantity[] = {_json([asdict(each) for each in found.numbers])};",
        f"export const CARDS: readonly Scorecard[] = {_json([asdict(each) for each in found.cards])};",
    ]


def words() -> str:
    """`words.ts`."""
    said = {**WORDS, **OURS}
    parts = [_dictionary("en", {name: english for name, (english, _) in said.items()})]
    parts.append(_dictionary("zh: Words", {name: chinese for name, (_, chinese) in said.items()}))
    names = "export type Words = { readonly [name in keyof typeof en]: string };"
    head = "// Generated; edits are lost."
    return "\n".join([head, parts[0], "", names, "", parts[1], "", "export const WORDS = { en: en as Words, zh };", ""])


def _dictionary(name: str, said: Mapping[str, str]) -> str:
    return f"const {name} = {json.dumps(said, ensure_ascii=False, indent=2)};"


def _health(where: RecordFields | None) -> dict[str, str] | None:
    """Our name → property."""
    return {ours: theirs for theirs, ours in where.fields.items()} if where else None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

"""A small sandbox company, written down by hand: every number in these tests can be checked against it."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "company.json": '{"name": "Nordlicht", "currency": "EUR", "fiscal_year_starts": 1, "zone": "Europe/Berlin", "today": "2026-11-25"}',
    "stages.csv": """\
stage,label,order,probability,is_closed,is_won,forecast
qualified,Qualified,1,0.2,false,false,Pipeline
proposal,Proposal,2,0.4,false,false,Best Case
closedwon,Closed won,3,1,true,true,Closed
closedlost,Closed lost,4,0,true,false,Omitted
""",
    "people.csv": """\
id,name,email,role,team,region,manager,start,end,active,crm
p1,Ada Berg,ada@nordlicht.example,AE,East 1,East,,2024-01-01,,true,hubspot
p2,Ben Olsen,ben@nordlicht.example,AE,East 1,East,p1,2024-02-01,2026-06-30,false,salesforce hubspot
p3,Cleo Stark,cleo@nordlicht.example,AE,West 1,West,,2024-03-01,,true,salesforce
p4,Dina Voss,dina@nordlicht.example,Manager,West 1,West,,2024-04-01,,true,salesforce hubspot
""",
    "accounts.csv": """\
id,crm,name,parent,owner,industry,country,created_at
a1,hubspot,Holding AG,,p1,Energy,DE,2025-01-02T10:00:00Z
a2,salesforce,Elsewhere,,p3,Energy,DE,2025-01-02T10:00:00Z
a3,hubspot,Daughter GmbH,a1,p2,Energy,AT,2025-02-03T10:00:00Z
""",
    "deals.csv": """\
id,crm,name,account,owner,stage,amount,currency,created_at,closed_on,modified_at,deal_type,source,next_step,deleted_at
d1,hubspot,Turbines,a1,p1,closedwon,5000.00,EUR,2026-01-10T09:00:00Z,2026-03-31,2026-03-31T16:00:00Z,New,Fair,,
d2,salesforce,Not ours,a2,p3,qualified,1.00,EUR,2026-01-10T09:00:00Z,,2026-01-10T09:00:00Z,New,,,
d3,hubspot,Blades,a3,p4,proposal,3000,USD,2026-02-10T09:00:00Z,2026-12-31,2026-11-20T12:00:00Z,Renewal,,Call back,
d4,hubspot,Gone,a1,p1,qualified,10,EUR,2026-02-11T09:00:00Z,,2026-05-01T00:00:00Z,New,,,2026-05-01T00:00:00Z
d5,hubspot,Bare,,,qualified,,,,,,,,,
d6,hubspot,Lost cause,a1,p2,closedlost,700,EUR,2026-03-01T09:00:00Z,2026-04-30,2026-04-30T08:00:00Z,New,,,
""",
    "deal_history.csv": """\
deal,at,field,value,by
d1,2026-01-10T09:00:00Z,stage,qualified,p1
d1,2026-01-10T09:00:00Z,amount,4000,p1
d1,2026-01-10T09:00:00Z,owner,p4,p4
d1,2026-02-01T09:00:00Z,stage,proposal,p1
d1,2026-02-15T09:00:00Z,owner,p1,p4
d1,2026-03-30T09:00:00Z,amount,5000.00,p1
d1,2026-03-31T16:00:00Z,stage,closedwon,p1
d1,2026-03-31T16:00:00Z,closed_on,2026-03-31,p1
d2,2026-01-10T09:00:00Z,stage,qualified,p3
""",
    "activities.csv": """\
id,crm,type,person,deal,account,at,status,minutes,modified_at
t1,hubspot,call,p1,d1,a1,2026-02-02T10:00:00Z,completed,15,2026-02-02T10:20:00Z
t2,hubspot,task,p4,d3,,2026-12-01T09:00:00Z,planned,,2026-11-01T09:00:00Z
t3,salesforce,call,p3,,,2026-02-02T10:00:00Z,completed,5,2026-02-02T10:20:00Z
t4,hubspot,meeting,p1,d1,,2026-02-03T10:00:00Z,completed,45,2026-02-03T11:00:00Z
t5,hubspot,note,p1,d1,,2026-02-04T10:00:00Z,completed,,2026-02-04T10:00:00Z
t6,hubspot,email,p4,,a3,2026-02-05T10:00:00Z,completed,,2026-02-05T10:00:00Z
""",
    "rates.csv": """\
currency,starts_on,rate
USD,2025-01-01,1.25
USD,2026-12-01,1.6
GBP,2025-01-01,0.8
""",
}


def written(folder: Path, **changes: str) -> Path:
    """The folder, with some files said differently (`deals="…"` stands for deals.csv)."""
    for name, text in FILES.items():
        (folder / name).write_text(changes.get(name.partition(".")[0], text), encoding="utf-8")
    return folder

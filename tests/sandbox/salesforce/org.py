"""An organisation to test with: logged in, with a clock to turn and short words for requests."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from connector.sandbox.salesforce import SalesforceSandbox
from connector.sandbox.wire import Request, Response, Switches

BASE = "/services/data/v66.0"
HOST = "acme.my.salesforce.com"
START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@dataclass
class Org:
    """A sandbox and a session in it."""

    switches: Switches = field(default_factory=Switches)
    folder: Path | None = None
    now: datetime = START
    token: str = ""

    def __post_init__(self) -> None:
        self.sandbox = SalesforceSandbox(now=lambda: self.now, switches=self.switches)
        self.sandbox.register_client("client", "secret")
        if self.folder is not None:
            self.sandbox.load(self.folder)

    def wait(self, **much: int) -> None:
        self.now += timedelta(**much)

    def log_in(self) -> Response:
        form = {"grant_type": "client_credentials", "client_id": "client", "client_secret": "secret"}
        answer = self.ask("POST", "/services/oauth2/token", raw=urlencode(form).encode())
        if answer.status == 200:
            self.token = answer.json()["access_token"]
        return answer

    def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent = {"Host": HOST, "Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.sandbox.answer(Request.of(method, target, sent, content))

    def api(self, method: str, path: str, body: object = None, **more: Any) -> Response:
        """A request below /services/data/v66.0."""
        return self.ask(method, f"{BASE}/{path}", body, **more)

    def query(self, soql: str, *, deleted: bool = False, batch: int = 2000) -> Any:
        """The answer's body, whatever the status."""
        headers = {"Sforce-Query-Options": f"batchSize={batch}"}
        return self.api("GET", f"query{'All' if deleted else ''}?q={quote(soql)}", headers=headers).json()

    def rows(self, soql: str, **more: Any) -> list[dict[str, Any]]:
        """The records, without their attributes."""
        found = self.query(soql, **more)
        assert isinstance(found, dict), found
        return [{name: value for name, value in row.items() if name != "attributes"} for row in found["records"]]

    def create(self, name: str, **fields: Any) -> str:
        answer = self.api("POST", f"sobjects/{name}", fields)
        assert answer.status == 201, answer.body
        return str(answer.json()["id"])

    def a_deal(self, **fields: Any) -> str:
        given = {"Name": "Renewal", "StageName": "Prospecting", "CloseDate": "2026-12-31", "Amount": 50000}
        return self.create("Opportunity", **(given | fields))

    def deploy(self, files: Mapping[str, str], **options: Any) -> dict[str, Any]:
        """Deploy and wait; the deployResult with its details."""
        started = self.api("POST", "metadata/deployRequest", **multipart(files, options))
        assert started.status == 201, started.body
        for _ in range(5):
            answer = self.api("GET", f"metadata/deployRequest/{started.json()['id']}?includeDetails=true")
            result: dict[str, Any] = answer.json()["deployResult"]
            if result["done"]:
                return result
        raise AssertionError("the deployment never ends")

    def hold(self, permission_set: str) -> None:
        """Give the integration user a permission set."""
        (found,) = self.rows(f"SELECT Id FROM PermissionSet WHERE Name = '{permission_set}'")
        self.create("PermissionSetAssignment", PermissionSetId=found["Id"], AssigneeId=self.sandbox.integration_user)

    def install(self) -> None:
        """Our package, as an installation would leave it."""
        assert self.deploy(PACKAGE)["success"]
        self.hold("Attain")


def an_org(**more: Any) -> Org:
    org = Org(**more)
    assert org.log_in().status == 200
    return org


def multipart(files: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
    """The body and header of a deployRequest."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    parts = [
        b'Content-Disposition: form-data; name="json"\r\nContent-Type: application/json\r\n\r\n'
        + json.dumps({"deployOptions": options}).encode(),
        b'Content-Disposition: form-data; name="file"; filename="deploy.zip"\r\nContent-Type: application/zip\r\n\r\n'
        + zipped.getvalue(),
    ]
    body = b"".join(b"--mark\r\n" + part + b"\r\n" for part in parts) + b"--mark--\r\n"
    return {"raw": body, "headers": {"Content-Type": 'multipart/form-data; boundary="mark"'}}


XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def a_field(name: str, kind: str, **more: str) -> str:
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in more.items())
    return f"<fields><fullName>{name}</fullName><label>{name}</label><type>{kind}</type>{inner}</fields>"


def manifest(**members: Sequence[str]) -> str:
    types = "".join(
        f"<types>{''.join(f'<members>{each}</members>' for each in names)}<name>{kind}</name></types>"
        for kind, names in members.items()
    )
    return f"<Package {XMLNS}>{types}<version>66.0</version></Package>"


def permission_set(label: str, *fields: str, objects: Sequence[str] = ()) -> str:
    granted = "".join(
        f"<fieldPermissions><editable>true</editable><field>{each}</field><readable>true</readable></fieldPermissions>"
        for each in fields
    )
    opened = "".join(
        f"<objectPermissions><allowRead>true</allowRead><object>{each}</object></objectPermissions>" for each in objects
    )
    return f"<PermissionSet {XMLNS}>{granted}<label>{label}</label>{opened}</PermissionSet>"


KEY = a_field("Attain_Key__c", "Text", length="120", externalId="true", unique="true", caseSensitive="true")
PACKAGE = {
    "package.xml": manifest(
        CustomObject=["Attain_Attainment__c"],
        CustomField=["Activity.Attain_Key__c", "Opportunity.Attain_Score__c"],
        PermissionSet=["Attain"],
    ),
    "objects/Attain_Attainment__c.object": (
        f"<CustomObject {XMLNS}><deploymentStatus>Deployed</deploymentStatus>{KEY}"
        + a_field("User__c", "Lookup", referenceTo="User", relationshipName="Attainments")
        + a_field("Actual__c", "Number", precision="18", scale="2")
        + a_field("Metric__c", "Text", length="80")
        + "<label>Attainment</label><nameField><displayFormat>A-{0000}</displayFormat><label>Name</label>"
        "<type>AutoNumber</type></nameField><pluralLabel>Attainments</pluralLabel>"
        "<sharingModel>ReadWrite</sharingModel></CustomObject>"
    ),
    "objects/Activity.object": f"<CustomObject {XMLNS}>{KEY}</CustomObject>",
    "objects/Opportunity.object": (
        f"<CustomObject {XMLNS}>{a_field('Attain_Score__c', 'Number', precision='6', scale='2')}</CustomObject>"
    ),
    "permissionsets/Attain.permissionset": permission_set(
        "Attain",
        "Attain_Attainment__c.Attain_Key__c",
        "Attain_Attainment__c.User__c",
        "Attain_Attainment__c.Actual__c",
        "Attain_Attainment__c.Metric__c",
        "Task.Attain_Key__c",
        "Opportunity.Attain_Score__c",
        objects=["Attain_Attainment__c"],
    ),
}


def a_company(folder: Path, **files: str) -> Path:
    """A company folder: the smallest that loads, with these files more or instead."""
    usual = {
        "stages": """
            stage,label,order,probability,is_closed,is_won,forecast
            new,New,1,0.1,false,false,Pipeline
            offer,Offer,2,0.6,false,false,Best Case
            won,Won,3,1,true,true,Closed
            lost,Lost,4,0,true,false,Omitted""",
        "people": """
            id,name,email,role,team,region,manager,start,end,active,crm
            mia,Mia Lang,mia@acme.example,Manager,North,EMEA,,2024-01-01,,true,salesforce hubspot
            ana,Ana da Silva,ana@acme.example,AE,North,EMEA,mia,2024-01-01,,true,salesforce
            old,Ole Olsen,ole@acme.example,AE,North,EMEA,mia,2024-01-01,2026-06-30,false,salesforce
            hub,Hu Bee,hu@acme.example,AE,South,AMER,mia,2024-01-01,,true,hubspot""",
        "deals": """
            id,crm,name,account,owner,stage,amount,currency,created_at,closed_on,modified_at
            d1,salesforce,Renewal,,ana,won,60000.00,EUR,2026-09-01T08:00:00Z,2026-10-08,2026-10-08T12:30:00Z
            d2,salesforce,Pilot,,mia,offer,1200.50,EUR,2026-10-01T08:00:00Z,,2026-11-20T09:00:00Z
            d3,hubspot,Elsewhere,,hub,new,5,EUR,2026-10-01T08:00:00Z,,2026-11-20T09:00:00Z""",
    }
    folder.mkdir(exist_ok=True)
    company = {
        "name": "Acme",
        "currency": "EUR",
        "fiscal_year_starts": 2,
        "zone": "Europe/Berlin",
        "today": "2026-11-25",
    }
    (folder / "company.json").write_text(json.dumps(company))
    for name, text in (usual | files).items():
        lines = [line.strip().split(",") for line in text.strip().splitlines()]
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    return folder

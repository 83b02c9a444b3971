// Drives a Salesforce with jsforce, and prints what jsforce made of it as JSON. Usage: node drive.mjs URL TOKEN ZIP
import { readFileSync } from "node:fs";
import jsforce from "jsforce";

const [url, accessToken, archive] = process.argv.slice(2);
const connection = new jsforce.Connection({ instanceUrl: url, accessToken, version: "66.0" });

async function refused(work) {
  try {
    await work();
    return null;
  } catch (error) {
    return { code: error.errorCode ?? error.name, text: error.message };
  }
}

const versions = await connection.request("/services/data/");
const global = await connection.describeGlobal();
const opportunity = await connection.sobject("Opportunity").describe();
const first = await connection.query("SELECT Id, Name, Amount, Owner.Name FROM Opportunity ORDER BY Id");
const all = await connection.query("SELECT Id FROM Opportunity", { autoFetch: true, maxFetch: 100000 });
const count = await connection.query("SELECT COUNT() FROM Opportunity WHERE IsWon = true");
const sums = await connection.query("SELECT StageName, SUM(Amount) total, COUNT(Id) FROM Opportunity GROUP BY StageName");

const accounts = await connection.sobject("Account").create([{ Name: "First" }, { Industry: "no name" }, { Name: "Third" }]);
const id = accounts[0].id;
const updated = await connection.sobject("Account").update([{ Id: id, Name: "Renamed" }, { Id: "001000000000000AAA", Name: "Nobody" }]);
const read = await connection.sobject("Account").retrieve(id);
const tasks = await connection.sobject("Task").create({ Subject: "Call", Status: "Not Started", Priority: "High", WhatId: id });
const deleted = await connection.sobject("Account").delete([id]);
const gone = await refused(() => connection.sobject("Account").retrieve(id));
const wrongField = await refused(() => connection.query("SELECT Nonsense FROM Opportunity"));
const wrongObject = await refused(() => connection.query("SELECT Id FROM Nonsense"));
const wrongQuery = await refused(() => connection.query("SELECT FROM WHERE"));
const limits = await connection.limits();

// Metadata over REST, and the grant without which nothing of it is seen.
const started = await connection.metadata.deployRest(readFileSync(archive), { singlePackage: true, rollbackOnError: true });
let deployed;
do {
  ({ deployResult: deployed } = await connection.request(`/services/data/v66.0/metadata/deployRequest/${started.id}?includeDetails=true`));
} while (!deployed.done);
const [me] = (await connection.query("SELECT Id FROM User WHERE Username = 'integration@attain.example'")).records;
const [set] = (await connection.query("SELECT Id FROM PermissionSet WHERE Name = 'Attain_Integration'")).records;
await connection.sobject("PermissionSetAssignment").create({ AssigneeId: me.Id, PermissionSetId: set.Id });

// The Bulk API 2.0: a query whose rows come as CSV, and rows upserted by an external id.
const streamed = await connection.bulk2.query("SELECT Id, Name, Amount, Owner.Name, IsWon FROM Opportunity", { pollInterval: 1 });
const bulkRows = await streamed.toArray();
const upserts = [
  { Attain_Key__c: "one", Actual__c: "12.5" },
  { Attain_Key__c: "two", Actual__c: "a word" },
  { Attain_Key__c: "three", Actual__c: "#N/A" },
];
const ingested = await connection.bulk2.loadAndWaitForResults({
  object: "Attain_Attainment__c",
  operation: "upsert",
  externalIdFieldName: "Attain_Key__c",
  input: upserts,
  pollInterval: 1,
});
const wrongBulk = await refused(async () => (await connection.bulk2.query("SELECT COUNT(Id) FROM Account", { pollInterval: 1 })).toArray());

console.log(
  JSON.stringify({
    versions: versions.map((each) => each.version),
    objects: global.sobjects.map((each) => each.name),
    opportunityFields: opportunity.fields.map((each) => each.name),
    stages: opportunity.fields.find((each) => each.name === "StageName").picklistValues.map((each) => each.value),
    first: { total: first.totalSize, done: first.done, size: first.records.length, record: first.records[0] },
    all: all.records.length,
    distinct: new Set(all.records.map((each) => each.Id)).size,
    won: count.totalSize,
    sums: sums.records,
    accounts,
    updated,
    name: read.Name,
    tasks,
    deleted,
    gone,
    wrongField,
    wrongObject,
    wrongQuery,
    bulk: { rows: bulkRows.length, distinct: new Set(bulkRows.map((each) => each.Id)).size, first: bulkRows[0] },
    deployed,
    ingested,
    wrongBulk,
    usage: connection.limitInfo,
    daily: limits.DailyApiRequests,
  }),
);

// Drives a Salesforce with jsforce, and prints what jsforce made of it as JSON. Usage: node drive.mjs URL TOKEN
import jsforce from "jsforce";

const [url, accessToken] = process.argv.slice(2);
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
    usage: connection.limitInfo,
    daily: limits.DailyApiRequests,
  }),
);

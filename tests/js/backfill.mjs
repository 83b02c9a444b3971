// Reads everything that queries on standard input ask for with jsforce, page by page, and says how long it took.
// Usage: node backfill.mjs URL TOKEN < [{"soql": …, "deleted": true}, …]
import jsforce from "jsforce";

const [url, accessToken] = process.argv.slice(2);
const connection = new jsforce.Connection({ instanceUrl: url, accessToken, version: "66.0" });
let text = "";
for await (const chunk of process.stdin) {
  text += chunk;
}
const told = [];
for (const { soql, deleted } of JSON.parse(text)) {
  const began = performance.now();
  let calls = 1;
  let page = await connection.query(soql, { scanAll: deleted, autoFetch: false });
  let rows = page.records.length;
  while (!page.done) {
    page = await connection.queryMore(page.nextRecordsUrl, { autoFetch: false });
    rows += page.records.length;
    calls += 1;
  }
  told.push({ rows, calls, seconds: (performance.now() - began) / 1000 });
}
console.log(JSON.stringify(told));

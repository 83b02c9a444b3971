// Reads a JSON list of SOQL from standard input and prints what @jetstreamapp/soql-parser-js makes of each.
import { getFlattenedFields, parseQuery } from "@jetstreamapp/soql-parser-js";

function conditions(clause) {
    if (!clause) {
        return [];
    }
    const own = [clause.left, clause.right].filter((each) => each && (each.field || each.left || each.right));
    return own.flatMap((each) => (each.field ? [{ field: each.field, operator: each.operator, value: each.value, kind: each.literalType }] : conditions(each)));
}

let text = "";
for await (const chunk of process.stdin) {
    text += chunk;
}
const told = JSON.parse(text).map((soql) => {
    try {
        const query = parseQuery(soql);
        const listed = [query.orderBy ?? [], query.groupBy ?? []].flat().map((each) => each.field).filter(Boolean);
        // A count is called expr0; what is counted is its parameter.
        const counted = (query.fields ?? []).flatMap((each) => each.parameters ?? []).filter((each) => typeof each === "string");
        const fields = [...getFlattenedFields(query).filter((each) => !/^expr\d+$/.test(each)), ...counted];
        return { object: query.sObject, fields, conditions: conditions(query.where), listed };
    } catch (error) {
        return { error: String(error.message ?? error) };
    }
});
console.log(JSON.stringify(told));

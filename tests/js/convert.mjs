// Converts a project from the form of `sf` into that of the API with Salesforce's own library, and prints what it found.
// Usage: node convert.mjs SOURCE TARGET
import { ComponentSet, MetadataConverter } from "@salesforce/source-deploy-retrieve";

const [source, target] = process.argv.slice(2);
const set = ComponentSet.fromSource(source);
set.sourceApiVersion = "66.0";
const components = set.getSourceComponents().toArray();
await new MetadataConverter().convert(set, "metadata", { type: "directory", outputDirectory: target, genUniqueDir: false });
const found = components.flatMap((each) => [each, ...each.getChildren()]);
console.log(JSON.stringify(found.map((each) => ({ kind: each.type.name, name: each.fullName }))));

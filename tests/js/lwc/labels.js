// The labels as the project deploys them: a name that a component asks for and the file lacks is missing here too.
const fs = require("fs");
const path = require("path");

const file = path.join(process.cwd(), "force-app/main/default/labels/CustomLabels.labels-meta.xml");
const text = fs.readFileSync(file, "utf8");
const labels = {};
for (const [, name, value] of text.matchAll(/<fullName>Attain_(\w+)<\/fullName>[\s\S]*?<value>([\s\S]*?)<\/value>/g)) {
    labels[name] = value.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
module.exports = {
    labels: new Proxy(labels, {
        get(known, name) {
            if (typeof name === "string" && !(name in known) && !name.startsWith("@@") && name !== "then") {
                throw new Error(`no label ${name} is deployed`);
            }
            return known[name];
        }
    })
};

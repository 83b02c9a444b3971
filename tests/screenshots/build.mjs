// Bundles the exported project with real LWC for a browser. Usage: node build.mjs PROJECT OUT LANGUAGE
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import lwc from "@lwc/rollup-plugin";
import replace from "@rollup/plugin-replace";
import { rollup } from "rollup";

const [project, out, language] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(out, "modules");
rmSync(modules, { recursive: true, force: true });
mkdirSync(modules, { recursive: true });
symlinkSync(path.join(project, "force-app/main/default/lwc"), path.join(modules, "c"));
symlinkSync(path.join(here, "lightning"), path.join(modules, "lightning"));
writeFileSync(path.join(out, "lwc.config.json"), JSON.stringify({ modules: [{ dir: "modules" }] }));

function labels() {
    const [file, name, value] =
        language === "zh_CN"
            ? ["translations/main/default/translations/zh_CN.translation-meta.xml", "name", "label"]
            : ["force-app/main/default/labels/CustomLabels.labels-meta.xml", "fullName", "value"];
    const text = readFileSync(path.join(project, file), "utf8");
    const blocks = text.matchAll(/<(labels|customLabels)>([\s\S]*?)<\/\1>/g);
    const one = (block, tag) => new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(block)[1].replaceAll("&amp;", "&");
    return Object.fromEntries([...blocks].map(([, , block]) => [one(block, name), one(block, value)]));
}

const said = labels();
const known = {
    "@salesforce/user/Id": '"005000000000001AAA"',
    "@salesforce/i18n/locale": JSON.stringify(language.replace("_", "-"))
};
const platform = {
    name: "platform",
    resolveId(id) {
        if (id.startsWith("@salesforce/")) {
            return `\0${id}`;
        }
        if (id === "lwc" || id.startsWith("@lwc/")) {
            return fileURLToPath(import.meta.resolve(id));
        }
        const [, space, name] = /^(c|lightning)\/(\w+)$/.exec(id) ?? [];
        return name ? path.join(modules, space, name, `${name}.js`) : null;
    },
    load(id) {
        const name = id.slice(1);
        if (!id.startsWith("\0@salesforce/")) {
            return null;
        }
        const text = known[name] ?? JSON.stringify(said[name.replace("@salesforce/label/c.", "")]);
        return `export default ${text};`;
    }
};
const entry = path.join(here, "scene.js");
const bundle = await rollup({
    input: entry,
    plugins: [
        platform,
        replace({ preventAssignment: true, values: { "process.env.NODE_ENV": '"production"' } }),
        lwc({ rootDir: modules })
    ],
    onwarn: ({ message }) => console.error(message)
});
await bundle.write({ file: path.join(out, `scene-${language}.js`), format: "iife", inlineDynamicImports: true });

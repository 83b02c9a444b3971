// The exported project, as HubSpot would build it: its folder comes from outside, and which tests are its own.
import { defineConfig } from "vitest/config";

const project = process.env.ATTAIN_PROJECT;

export default defineConfig({
    root: import.meta.dirname,
    resolve: { alias: { "@app": `${project}/src/app` } },
    server: { fs: { strict: false } },
    esbuild: { jsx: "automatic" },
    test: { include: [process.env.ATTAIN_TESTS], environment: "node", setupFiles: ["./setup.ts"], restoreMocks: true }
});

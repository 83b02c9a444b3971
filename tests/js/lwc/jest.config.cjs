// Runs in the folder of an exported project, so that what is tested is what is deployed.
const path = require("path");
const { jestConfig } = require("@salesforce/sfdx-lwc-jest/config");

module.exports = {
    ...jestConfig,
    roots: [jestConfig.rootDir, __dirname],
    testMatch: [path.join(__dirname, "**/*.test.js")],
    testPathIgnorePatterns: [],
    modulePaths: [path.join(__dirname, "../node_modules")],
    moduleNameMapper: {
        "^c/attainLabels$": path.join(__dirname, "labels.js"),
        "^lightning/graphql$": path.join(__dirname, "graphql.js")
    },
    setupFilesAfterEnv: [...(jestConfig.setupFilesAfterEnv ?? []), path.join(__dirname, "setup.js")],
    cacheDirectory: process.env.ATTAIN_JEST_CACHE,
    collectCoverage: false
};

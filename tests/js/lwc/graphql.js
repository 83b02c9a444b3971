// The wire of sfdx-lwc-jest; queries stay readable, so that an answer can be given to the one that was asked.
export { graphql } from "@salesforce/sfdx-lwc-jest/src/lightning-stubs/graphql/graphql";
export const gql = String.raw;

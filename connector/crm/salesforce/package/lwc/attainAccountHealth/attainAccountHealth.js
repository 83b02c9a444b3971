import { LightningElement, api, wire } from "lwc";
import { getFieldValue, getRecord } from "lightning/uiRecordApi";
import { labels } from "c/attainLabels";
import { problemOf } from "c/attainRows";
import { ACCOUNT } from "c/attainSchema";

const FIELDS = Object.values(ACCOUNT.fields);

/** The account's health, on its own page. Fields that a reader may not see are simply missing. */
export default class AttainAccountHealth extends LightningElement {
    @api recordId;
    title = labels.accountHealth;
    values;
    problem;

    @wire(getRecord, { recordId: "$recordId", optionalFields: FIELDS })
    answered({ data, error }) {
        this.problem = problemOf(error);
        const found = Object.entries(ACCOUNT.fields).map(([name, field]) => [name, getFieldValue(data, field)]);
        this.values = data ? Object.fromEntries(found) : undefined;
    }
}

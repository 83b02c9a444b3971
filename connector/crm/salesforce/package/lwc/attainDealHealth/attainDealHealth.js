import { LightningElement, api, wire } from "lwc";
import { getFieldValue, getRecord } from "lightning/uiRecordApi";
import { labels } from "c/attainLabels";
import { problemOf } from "c/attainRows";
import { DEAL } from "c/attainSchema";

const FIELDS = Object.values(DEAL.fields);

/** The deal's health, on its own page. Fields that a reader may not see are simply missing. */
export default class AttainDealHealth extends LightningElement {
    @api recordId;
    title = labels.dealHealth;
    values;
    problem;

    @wire(getRecord, { recordId: "$recordId", optionalFields: FIELDS })
    answered({ data, error }) {
        this.problem = problemOf(error);
        const found = Object.entries(DEAL.fields).map(([name, field]) => [name, getFieldValue(data, field)]);
        this.values = data ? Object.fromEntries(found) : undefined;
    }
}

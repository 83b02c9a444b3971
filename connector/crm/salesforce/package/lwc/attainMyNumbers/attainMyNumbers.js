import { LightningElement, wire } from "lwc";
import { graphql } from "lightning/graphql";
import userId from "@salesforce/user/Id";
import { labels } from "c/attainLabels";
import { earlier, isNumber, nameOf, percent, problemOf, rowsOf, running, said, today } from "c/attainRows";
import { MINE } from "c/attainSchema";

const YEARS = 2; // of earlier periods, for the trend

/** The running rep's numbers: where each stands, what is missing, and why. */
export default class AttainMyNumbers extends LightningElement {
    labels = labels;
    day = today();
    rows;
    problem;
    opened;

    @wire(graphql, { query: MINE, variables: "$variables" })
    answered({ data, errors }) {
        this.problem = problemOf(errors);
        this.rows = data ? rowsOf(data) : undefined;
    }

    get variables() {
        const since = `${Number(this.day.slice(0, 4)) - YEARS}${this.day.slice(4, 8)}01`;
        return { user: userId, since };
    }

    get loading() {
        return this.rows === undefined && this.problem === undefined;
    }

    get empty() {
        return this.numbers.length === 0;
    }

    get numbers() {
        return running(this.rows ?? [], this.day).map((row) => ({
            row,
            title: `${nameOf(row)} · ${row.period}`,
            facts: this.facts(row),
            expected: isNumber(row.expected) && row.target > 0 ? (row.expected / row.target) * 100 : undefined,
            earlier: earlier(this.rows, row),
            open: this.opened === row.id,
            expanded: String(this.opened === row.id)
        }));
    }

    facts(row) {
        const all = [
            [labels.actual, row.actual, said(row.actual, row)],
            [labels.target, row.target, said(row.target, row)],
            [labels.gap, row.gap, said(row.gap, row)],
            [labels.pace, row.pace, percent(row.pace)],
            [labels.perDay, row.required_rate, said(row.required_rate, row)],
            [labels.projection, row.projection, said(row.projection, row)]
        ];
        return all.filter(([, value]) => isNumber(value)).map(([label, , value]) => ({ label, value }));
    }

    toggle(event) {
        const id = event.target.dataset.id;
        this.opened = this.opened === id ? undefined : id;
    }
}

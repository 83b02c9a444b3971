import { LightningElement, api } from "lwc";
import { labels } from "c/attainLabels";
import { percent } from "c/attainRows";

const TALLEST = 150; // percent

/** Attainment of earlier periods, a bar each. */
export default class AttainTrend extends LightningElement {
    @api periods = []; // rows, oldest first
    labels = labels;

    get bars() {
        return this.periods.map((row) => ({
            period: row.period,
            short: row.period.replace(/^\d\d/, ""),
            title: `${row.period}: ${percent(row.attainment)}`,
            style: `height: ${((Math.min(Math.max(row.attainment, 2), TALLEST) / TALLEST) * 3).toFixed(2)}rem`,
            look: row.attainment >= 100 ? "bar met" : "bar"
        }));
    }
}

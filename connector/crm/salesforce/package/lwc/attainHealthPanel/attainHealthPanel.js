import { LightningElement, api } from "lwc";
import { labels } from "c/attainLabels";
import { isNumber, percent } from "c/attainRows";

/** Points, reasons and the next step of one record; what its page read is handed in. */
export default class AttainHealthPanel extends LightningElement {
    @api title;
    @api values; // attribute → value; none while it is being read
    @api problem;
    labels = labels;

    get loading() {
        return !this.values && !this.problem;
    }

    get empty() {
        return !isNumber(this.values.health);
    }

    get points() {
        return Math.round(this.values.health);
    }

    get retention() {
        return isNumber(this.values.retention) ? percent(this.values.retention) : undefined;
    }

    get reasons() {
        return (this.values.health_reasons ?? "").split("; ").filter(Boolean);
    }
}

import { LightningElement, api } from "lwc";
import { labels } from "c/attainLabels";
import { isNumber, percent } from "c/attainRows";

const RADIUS = 50;
const FULL = 150; // percent at the right end: whoever is past the target is still on the dial

function at(value, radius) {
    const angle = Math.PI * (1 - Math.min(Math.max(value, 0), FULL) / FULL);
    return [60 + radius * Math.cos(angle), 60 - radius * Math.sin(angle)].map((each) => each.toFixed(2));
}

function arcTo(value) {
    return `M ${at(0, RADIUS).join(" ")} A ${RADIUS} ${RADIUS} 0 0 1 ${at(value, RADIUS).join(" ")}`;
}

/** A half dial: attainment in percent, with a mark where a steady pace would be by now. */
export default class AttainGauge extends LightningElement {
    @api label;
    @api value; // percent; none: there is no target
    @api expected; // percent of the target that a steady pace has by now

    track = arcTo(FULL);

    get hasValue() {
        return isNumber(this.value);
    }

    get hasMark() {
        return isNumber(this.expected);
    }

    get arc() {
        return arcTo(this.value);
    }

    get mark() {
        const [x1, y1] = at(this.expected, RADIUS - 9);
        const [x2, y2] = at(this.expected, RADIUS + 9);
        return { x1, y1, x2, y2 };
    }

    get look() {
        const bar = this.hasMark ? Math.min(this.expected, 100) : 100;
        return this.value >= bar ? "arc ahead" : this.value >= bar * 0.8 ? "arc near" : "arc behind";
    }

    get text() {
        return this.hasValue ? percent(this.value) : labels.noTarget;
    }

    get description() {
        const parts = [`${this.label}: ${this.text}`];
        if (this.hasValue && this.hasMark && this.expected > 0) {
            parts.push(`${labels.pace} ${percent((this.value / this.expected) * 100)}`);
        }
        return parts.join(", ");
    }
}

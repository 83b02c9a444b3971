import { LightningElement, api } from "lwc";
import { labels } from "c/attainLabels";
import { filled, said } from "c/attainRows";
import { NOTE } from "c/attainSchema";

function parsed(text) {
    try {
        const found = JSON.parse(text ?? "");
        return Array.isArray(found?.counted) && Array.isArray(found?.left_out) ? found : undefined;
    } catch {
        return undefined; // written by an earlier version, or cut short: the plain words are still there
    }
}

/** What was counted for a number and what was not, with reasons and links; a left-out deal can be claimed. */
export default class AttainWhy extends LightningElement {
    @api row = {};
    labels = labels;
    form;

    get lists() {
        const found = parsed(this.row.evidence);
        return (
            found && {
                counted: found.counted.map((each, at) => this.counted(each, at)),
                leftOut: found.left_out.map((each, at) => ({
                    ...each,
                    key: `${at}`,
                    rest: `, ${each.reason}`,
                    claim: `${labels.thisIsMine}: ${each.name}`,
                    disputable: Boolean(each.id && NOTE?.fields.deal)
                })),
                more: found.more > 0 ? filled(labels.andMore, found.more) : undefined,
                unseen: found.unseen > 0 ? filled(labels.andMore, found.unseen) : undefined
            }
        );
    }

    get canSay() {
        return Boolean(NOTE);
    }

    counted(each, at) {
        const parts = [each.on, each.credit === undefined ? undefined : said(each.credit, this.row), each.note];
        return { ...each, key: `${at}`, rest: `, ${parts.filter(Boolean).join(", ")}` };
    }

    claim(event) {
        const about = { ...this.about, deal: event.target.dataset.id };
        this.form = { kind: "dispute", help: labels.disputeHelp, about };
    }

    speak() {
        this.form = { kind: "feedback", help: labels.feedbackHelp, about: this.about };
    }

    close() {
        this.form = undefined;
    }

    get about() {
        return { person: this.row.person, metric: this.row.metric, period: this.row.period };
    }
}

import { LightningElement, api } from "lwc";
import { createRecord } from "lightning/uiRecordApi";
import { labels } from "c/attainLabels";
import { problemOf } from "c/attainRows";
import { NOTE } from "c/attainSchema";

/** A few words about a number, kept as a note that sales operations answer. */
export default class AttainNoteForm extends LightningElement {
    @api kind = "feedback"; // or "dispute", "check_in"
    @api help = labels.feedbackHelp;
    @api about = {}; // {person, metric, period, deal}, each an id or a name

    labels = labels;
    text = "";
    busy = false;
    done = false;
    problem;

    write(event) {
        this.text = event.detail.value;
        this.problem = undefined;
    }

    cancel() {
        this.dispatchEvent(new CustomEvent("close"));
    }

    async send() {
        if (!this.text.trim()) {
            this.problem = labels.emptyNote;
            return;
        }
        this.busy = true;
        try {
            await createRecord({ apiName: NOTE.object, fields: this.fields });
            this.done = true;
            this.dispatchEvent(new CustomEvent("sent"));
        } catch (error) {
            this.problem = `${labels.notSent} ${problemOf(error)}`;
        } finally {
            this.busy = false;
        }
    }

    /** Only what the mapping has a field for. */
    get fields() {
        const wanted = { ...this.about, kind: this.kind, text: this.text.trim() };
        const known = Object.entries(wanted).filter(([name, value]) => value && NOTE.fields[name]);
        return Object.fromEntries(known.map(([name, value]) => [NOTE.fields[name], value]));
    }
}

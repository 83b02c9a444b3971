import { LightningElement, wire } from "lwc";
import { graphql } from "lightning/graphql";
import userId from "@salesforce/user/Id";
import { labels } from "c/attainLabels";
import { isNumber, nameOf, percent, problemOf, rowsOf, running, said, today } from "c/attainRows";
import { NOTE, NOTES, TEAM } from "c/attainSchema";

const kindOf = (row) => `${nameOf(row)} · ${row.period}`;

/** Widest gap first; whoever has no target comes last. */
function byGap(one, other) {
    const gap = (row) => (isNumber(row.gap) ? row.gap : -Infinity);
    return gap(other) - gap(one) || (one.who ?? "").localeCompare(other.who ?? "");
}

/** A manager's people, with what was said about their targets. */
export default class AttainTeam extends LightningElement {
    labels = labels;
    day = today();
    rows;
    notes = [];
    problem;
    opened;
    wanted;
    refreshNotes;

    @wire(graphql, { query: TEAM, variables: "$variables" })
    answered({ data, errors }) {
        this.problem = problemOf(errors);
        this.rows = data ? running(rowsOf(data), this.day) : undefined;
    }

    @wire(graphql, { query: NOTES, variables: "$manager" })
    heard({ data, refresh }) {
        this.refreshNotes = refresh;
        this.notes = data ? rowsOf(data) : this.notes;
    }

    get variables() {
        return { user: userId, today: this.day };
    }

    /** Nobody is asked for notes where no object holds them. */
    get manager() {
        return NOTES ? { user: userId } : undefined;
    }

    get loading() {
        return this.rows === undefined && this.problem === undefined;
    }

    get empty() {
        return this.rows.length === 0;
    }

    get canSay() {
        return Boolean(NOTE);
    }

    get choices() {
        return [...new Set(this.rows.map(kindOf))].map((each) => ({ label: each, value: each }));
    }

    get chosen() {
        return this.choices.some((each) => each.value === this.wanted) ? this.wanted : this.choices[0].value;
    }

    get people() {
        const shown = this.rows.filter((row) => kindOf(row) === this.chosen).sort(byGap);
        return shown.map((row) => {
            const notes = this.notes.filter((note) => note.person === row.person).map((note) => this.line(note));
            return {
                row,
                notes,
                key: `${row.id}-notes`,
                gap: said(row.gap, row),
                attainment: isNumber(row.attainment) ? percent(row.attainment) : labels.noTarget,
                pace: percent(row.pace),
                label: `${labels.notes} (${notes.length})`,
                open: this.opened === row.id,
                expanded: String(this.opened === row.id),
                about: { person: row.person, metric: row.metric, period: row.period }
            };
        });
    }

    line(note) {
        const parts = [note.written?.slice(0, 10), note.kind?.replace("_", " "), note.metric, note.period].filter(Boolean);
        const reply = note.answer ? `${labels.answered}: ${note.answer}` : labels.open;
        return { id: note.id, line: `${parts.join(" · ")}: ${note.text ?? ""}`, reply };
    }

    choose(event) {
        this.wanted = event.detail.value;
        this.opened = undefined;
    }

    toggle(event) {
        const id = event.target.dataset.id;
        this.opened = this.opened === id ? undefined : id;
    }

    again() {
        return this.refreshNotes?.();
    }
}

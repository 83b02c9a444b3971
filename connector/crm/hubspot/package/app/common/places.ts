// Where the mapping puts what: the shape of `schema.ts`, which is generated from it.

/** Properties of the person's record, by our name for each: "attainment" → "attain_bookings_quarter_attainment". */
export type Fields = Readonly<Record<string, string>>;

/** A metric over one kind of period, whichever place holds its numbers. */
export interface Measured {
  readonly key: string;
  readonly title: string;
  readonly grain: string; // "month", "quarter", "year"
  readonly unit: "money" | "ratio" | "number";
}

/** The same in properties of the person's record. */
export interface Quantity extends Measured {
  readonly fields: Fields;
}

/** A scorecard over one kind of period. */
export interface Scorecard {
  readonly key: string;
  readonly title: string;
  readonly score: string; // a property
  readonly band: string; // a property
}

/** Numbers in an object of our own: a record for each person, metric and period. */
export interface RowPlace {
  readonly object: string; // "attain_rep_period"
  readonly key: string; // a property: "attainment:bookings:…", of a scorecard "scorecard:…"
  readonly person: string; // a property: the owner id of whoever it is about
  readonly manager: string | null; // a property: that of their manager
  readonly ends: string | null; // a property: the last day of the period
  readonly fields: Fields; // "attainment" → "attain_attainment"; `metric` and `period` are always there
}

/** What we say about a deal or a company, in properties of its own record. */
export type HealthPlace = Fields | null;

/** Where a note from the app's own page goes, and where it stands afterwards: in properties of the person's record. */
export interface PageNotePlace {
  readonly url: string;
  readonly text: string;
  readonly answer: string | null;
}

/** Where people type what they think, on the record that is open. */
export interface NotePlace {
  readonly typed: readonly string[]; // properties to fill in
  readonly text: string;
  readonly answer: string | null;
}

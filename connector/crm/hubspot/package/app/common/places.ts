// Where the mapping puts what: the shape of `schema.ts`, which is generated from it.

/** Properties of the person's record, by our name for each: "attainment" → "attain_bookings_quarter_attainment". */
export type Fields = Readonly<Record<string, string>>;

/** A metric over one kind of period. */
export interface Quantity {
  readonly key: string;
  readonly title: string;
  readonly grain: string; // "month", "quarter", "year"
  readonly unit: "money" | "ratio" | "number";
  readonly fields: Fields;
}

/** A scorecard over one kind of period. */
export interface Scorecard {
  readonly key: string;
  readonly title: string;
  readonly score: string; // a property
  readonly band: string; // a property
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

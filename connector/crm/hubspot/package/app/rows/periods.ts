// Records of people's numbers: which of them are of the periods that run, and what they say.
import type { Measured } from "./places";
import type { Card, Person } from "./person";
import { named, numberOf, says, standing, type Standing, type Values } from "./rows";
import { ROWS } from "./schema";

const DAY = 86_400_000;
// 2026-12 and, in a calendar of weeks, 2026-P12; shortest first, as numbers are shown
const GRAINS: readonly (readonly [string, RegExp])[] = [
  ["month", /^\d{4}-P?\d\d$/],
  ["quarter", /^\d{4}-Q\d$/],
  ["year", /^\d{4}$/],
];

export const PROPERTIES = [
  ...new Set([ROWS.key, ROWS.person, ROWS.manager, ROWS.ends, ...Object.values(ROWS.fields)]),
].filter((each): each is string => each !== null);

/** Midnight before yesterday was over: somewhere the day that a period ends on is still running. */
export function dayBefore(now: number): number {
  return Math.floor(now / DAY) * DAY - DAY;
}

/** Of each kind of period the records of the newest: a quarter that is over keeps its records, and they are not shown. */
export function current(rows: readonly Values[]): Values[] {
  const newest = new Map<string, string>();
  for (const row of rows) {
    const grain = grainOf(row);
    if (grain && endOf(row) > (newest.get(grain) ?? "")) {
      newest.set(grain, endOf(row));
    }
  }
  return rows.filter((row) => endOf(row) === newest.get(grainOf(row) ?? ""));
}

function grainOf(row: Values): string | undefined {
  const period = valueOf(row, "period");
  return GRAINS.find(([, form]) => form.test(period))?.[0];
}

/** What orders periods of one kind: their last day, else their id. */
function endOf(row: Values): string {
  return (ROWS.ends && row[ROWS.ends]) || valueOf(row, "period");
}

/** Numbers by title, shortest period first; a scorecard is a record like any other, and known by its key. */
export function numbersOf(rows: readonly Values[]): Pick<Person, "standings" | "cards"> {
  const isCard = (row: Values) => (row[ROWS.key] ?? "").startsWith("scorecard:");
  const standings = rows.filter((each) => !isCard(each)).map(standingOf).filter(says);
  return { standings: standings.sort(inOrder), cards: rows.filter(isCard).flatMap(cardOf) };
}

function standingOf(row: Values): Standing {
  return standing(measured(row), named(row, ROWS.fields));
}

function cardOf(row: Values): Card[] {
  const { key, title } = measured(row);
  const score = numberOf(valueOf(row, "attainment") || valueOf(row, "actual"));
  const called = `${title} · ${valueOf(row, "period")}`;
  return score === null ? [] : [{ key, title: called, score, band: valueOf(row, "band") || null }];
}

function measured(row: Values): Measured {
  const metric = valueOf(row, "metric");
  const grain = grainOf(row) ?? "";
  const unit = valueOf(row, "unit");
  return {
    key: `${metric}_${grain}`,
    title: valueOf(row, "metric_title") || metric,
    grain,
    unit: unit === "money" || unit === "ratio" ? unit : "number",
  };
}

function inOrder(one: Standing, other: Standing): number {
  const place = (each: Standing) => GRAINS.findIndex(([grain]) => grain === each.quantity.grain);
  return one.quantity.title.localeCompare(other.quantity.title) || place(one) - place(other);
}

function valueOf(row: Values, name: string): string {
  return row[ROWS.fields[name] ?? ""] ?? "";
}

// Properties of a record, as numbers to show. HubSpot gives every value as text; none is not zero.
import type { Fields, Measured, Quantity, Scorecard } from "./places";

export type Values = Readonly<Record<string, string | null | undefined>>;

/** One metric in the period that runs. */
export interface Standing {
  readonly quantity: Measured;
  readonly currency: string | null; // null: the company's
  readonly period: string | null;
  readonly actual: number | null;
  readonly target: number | null;
  readonly gap: number | null;
  readonly attainment: number | null; // 0.87: a share
  readonly pace: number | null;
  readonly projection: number | null;
  readonly rank: number | null;
  readonly band: string | null;
  readonly explanation: string | null;
  readonly evidence: Evidence | null;
}

/** A record that was counted, or that was not. */
export interface Line {
  readonly id: string | null; // null: it lives in another CRM
  readonly of?: string; // "deals"
  readonly name: string;
  readonly on?: string;
  readonly credit?: number | null;
  readonly note?: string;
  readonly reason?: string;
}

/** The newest records behind a number. */
export interface Evidence {
  readonly counted: readonly Line[];
  readonly left_out: readonly Line[];
  readonly more: number;
  readonly unseen: number;
}

export function numberOf(text: string | null | undefined): number | null {
  if (text === null || text === undefined || text.trim() === "") {
    return null;
  }
  const found = Number(text);
  return Number.isFinite(found) ? found : null;
}

/** Every metric of which the record says anything, in the mapping's order. */
export function standings(values: Values, quantities: readonly Quantity[]): Standing[] {
  return quantities
    .map((quantity) => standing(quantity, named(values, quantity.fields)))
    .filter(says);
}

/** Whether there is a number in it: a target alone is one. */
export function says(each: Standing): boolean {
  return each.actual !== null || each.target !== null;
}

/** From values by our names. */
export function standing(quantity: Measured, values: Values): Standing {
  const text = (name: string): string | null => values[name] || null;
  const number = (name: string): number | null => numberOf(text(name));
  return {
    quantity,
    currency: text("currency"),
    period: text("period"),
    actual: number("actual"),
    target: number("target"),
    gap: number("gap"),
    attainment: number("attainment"),
    pace: number("pace"),
    projection: number("projection"),
    rank: number("rank"),
    band: text("band"),
    explanation: text("explanation"),
    evidence: evidenceOf(text("evidence")),
  };
}

/** Null for what an earlier version wrote, or what was cut short: the explanation is still there. */
export function evidenceOf(text: string | null): Evidence | null {
  try {
    const found: unknown = JSON.parse(text ?? "");
    const like = found as Partial<Evidence> | null;
    if (!like || !Array.isArray(like.counted) || !Array.isArray(like.left_out)) {
      return null;
    }
    return { counted: like.counted, left_out: like.left_out, more: like.more ?? 0, unseen: like.unseen ?? 0 };
  } catch {
    return null;
  }
}

/** Every property that the pages read of a person. */
export function propertiesOf(quantities: readonly Quantity[], cards: readonly Scorecard[]): string[] {
  const numbers = quantities.flatMap((each) => Object.values(each.fields));
  return [...new Set([...numbers, ...cards.flatMap((each) => [each.score, each.band])])];
}

/** The values of a record by our names: what `fields` does not name is not there. */
export function named(values: Values, fields: Fields): Values {
  return Object.fromEntries(Object.entries(fields).map(([ours, theirs]) => [ours, values[theirs]]));
}

/** 0.875 as 87.5 %. */
export function percent(share: number | null, locale?: string): string {
  if (share === null) {
    return "–";
  }
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** An amount in its metric's own unit; a dash where there is none. */
export function said(value: number | null, unit: Measured["unit"], currency: string, locale?: string): string {
  if (value === null) {
    return "–";
  }
  if (unit === "ratio") {
    return percent(value, locale);
  }
  const money: Intl.NumberFormatOptions =
    unit === "money" ? { style: "currency", currency, maximumFractionDigits: 0 } : { maximumFractionDigits: 2 };
  return new Intl.NumberFormat(locale, money).format(value);
}

/** HubSpot's `zh_cn` or `en-us` as Intl takes it; undefined where Intl does not. */
export function localeOf(given: string | undefined): string | undefined {
  try {
    return given ? Intl.getCanonicalLocales(given.replaceAll("_", "-"))[0] : undefined;
  } catch {
    return undefined;
  }
}

/** "and {0} more", filled in. */
export function filled(text: string, ...words: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_, at: string) => String(words[Number(at)]));
}

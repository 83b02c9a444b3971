// Every record that a search finds, page after page.
import { useState } from "react";
import { useCrmSearch } from "@hubspot/ui-extensions";
import type { Values } from "./rows";

const PAGE = 100;
const MOST = 3000; // records: thirty questions, one after the other
const VALUES = 100; // of one IN

export interface Filter {
  readonly propertyName: string;
  readonly operator: "EQ" | "IN" | "GTE" | "LT";
  readonly value?: string;
  readonly values?: string[];
}

export interface Records {
  readonly records: readonly Values[]; // with `hs_object_id`, newest first
  readonly loading: boolean;
  readonly problem: string | null;
  readonly cut: boolean; // there are more, and they are left alone
}

/**
 * Records that meet every filter of any group. The next page is asked for by the last id and not by `nextPage()`, which
 * was seen to pass a page over (@hubspot/ui-extensions 0.14.0).
 */
export function useEvery(objectType: string, properties: readonly string[], groups: readonly (readonly Filter[])[]): Records {
  const [kept, setKept] = useState<readonly Values[]>([]);
  const before = kept.at(-1)?.hs_object_id;
  const further: Filter[] = before ? [{ propertyName: "hs_object_id", operator: "LT", value: before }] : [];
  const { results, isLoading, error } = useCrmSearch({
    objectType,
    properties: [...properties],
    filterGroups: groups.map((filters) => ({ filters: [...filters, ...further] })),
    sorts: [{ propertyName: "hs_object_id", direction: "DESCENDING" }],
    pageLength: PAGE,
  });
  // Between a new question and its answer the hook still gives the page before.
  const page = results
    .map((each) => ({ ...each.properties, hs_object_id: String(each.objectId) }))
    .filter((each) => !before || Number(each.hs_object_id) < Number(before));
  const waiting = isLoading || (results.length > 0 && page.length === 0);
  const whole = !waiting && results.length >= PAGE;
  const cut = whole && kept.length + page.length >= MOST;
  if (whole && !cut) {
    // React throws this rendering away and begins anew: nobody sees half of the records.
    setKept([...kept, ...page]);
  }
  return { records: [...kept, ...page], loading: waiting, problem: error?.message ?? null, cut };
}

/** Groups of filters for a property that is one of the values: HubSpot takes so many in one, and five groups. */
export function among(propertyName: string, values: readonly string[]): Filter[][] {
  const starts = [0, 1, 2, 3, 4].map((at) => at * VALUES).filter((at) => at === 0 || at < values.length);
  return starts.map((at) => [{ propertyName, operator: "IN", values: values.slice(at, at + VALUES) }]);
}

// Who is reading, in which language; and the records of people that they may see.
import { useCrmSearch, useExtensionContext } from "@hubspot/ui-extensions";
import { propertiesOf, localeOf, type Values } from "./rows";
import { CARDS, NUMBERS, PEOPLE, REPORTS } from "./schema";
import { WORDS, type Words } from "./words";

/** The signed-in person, and how things are said to them. */
export interface Reader {
  readonly userId: number;
  readonly portalId: number;
  readonly locale: string | undefined;
  readonly words: Words;
}

export function useReader(): Reader {
  const { user, portal } = useExtensionContext();
  const language = (user.language ?? user.locale ?? "en").toLowerCase();
  return {
    userId: user.id,
    portalId: portal.id,
    locale: localeOf(user.locale ?? user.language),
    words: language.startsWith("zh") ? WORDS.zh : WORDS.en,
  };
}

/** What a search has found so far. */
export interface Found {
  readonly people: readonly Values[];
  readonly loading: boolean;
  readonly problem: string | null;
}

const SHOWN = ["hs_given_name", "hs_family_name", "hs_email", "hs_internal_user_id"];

function usePeople(property: string, values: readonly string[]): Found {
  const { results, isLoading, error } = useCrmSearch({
    objectType: PEOPLE,
    properties: [...SHOWN, ...(REPORTS ? [REPORTS] : []), ...propertiesOf(NUMBERS, CARDS)],
    filterGroups: [{ filters: [{ propertyName: property, operator: "IN", values: [...values] }] }],
    pageLength: 100,
  });
  const people = results.map((each) => ({ ...each.properties, hs_object_id: String(each.objectId) }));
  return { people, loading: isLoading, problem: error?.message ?? null };
}

/** The reader's own record. HubSpot knows a user by two numbers: pages know the inner one. */
export function useMe(reader: Reader): Found & { readonly me: Values | undefined } {
  const found = usePeople("hs_internal_user_id", [String(reader.userId)]);
  return { ...found, me: found.people[0] };
}

/** The records of those who report to the reader, as the reader's own record names them. */
export function useReports(ids: readonly string[]): Found {
  return usePeople("hs_object_id", ids);
}

/** The ids that a manager's record lists. */
export function reportsOf(me: Values | undefined): string[] {
  return ((REPORTS && me?.[REPORTS]) || "").split(";").filter(Boolean);
}

export function nameOf(person: Values): string {
  const name = [person.hs_given_name, person.hs_family_name].filter(Boolean).join(" ");
  return name || person.hs_email || person.hs_object_id || "";
}

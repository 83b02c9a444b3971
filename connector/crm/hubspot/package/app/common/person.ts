// People as the pages show them, whichever place holds their numbers; and their records among HubSpot's users.
import { among, useEvery, type Records } from "./search";
import type { Standing, Values } from "./rows";
import { PEOPLE } from "./schema";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly standings: readonly Standing[];
  readonly cards: readonly Card[];
}

/** A scorecard that there is a score of. */
export interface Card {
  readonly key: string;
  readonly title: string;
  readonly score: number;
  readonly band: string | null;
}

/** What a search for people has found so far. */
export interface Found {
  readonly people: readonly Person[];
  readonly loading: boolean;
  readonly problem: string | null;
}

const SHOWN = ["hs_given_name", "hs_family_name", "hs_email", "hs_internal_user_id"];

/** Users of whom a property is one of the values, with what names them and what is asked for beside it. */
export function useUsers(property: string, values: readonly string[], more: readonly string[]): Records {
  return useEvery(PEOPLE, [...SHOWN, ...more], among(property, values));
}

export function nameOf(user: Values): string {
  const name = [user.hs_given_name, user.hs_family_name].filter(Boolean).join(" ");
  return name || user.hs_email || user.hs_object_id || "";
}

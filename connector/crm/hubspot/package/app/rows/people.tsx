// People's numbers in an object of our own: a record for each person, metric and period, by their id as an owner.
import { useState, type ReactNode } from "react";
import { Text } from "@hubspot/ui-extensions";
import { Failed, Loading } from "./States";
import { current, dayBefore, numbersOf, PROPERTIES } from "./periods";
import { nameOf, useUsers, type Found, type Person } from "./person";
import type { Reader } from "./reader";
import type { Values } from "./rows";
import { ROWS } from "./schema";
import { useEvery, type Filter } from "./search";

/** Somebody's records of the periods that run. */
export interface Report {
  readonly owner: string;
  readonly rows: readonly Values[];
}

interface MeProps {
  readonly reader: Reader;
  readonly alone?: boolean; // nobody asks who reports to them
  readonly children: (me: Person | undefined, reports: readonly Report[]) => ReactNode;
}

/** The reader, by the inner number of their user, and who reports to them as the records name their manager. */
export function Me(props: MeProps) {
  const { reader, children } = props;
  const { records, loading, problem } = useUsers("hs_internal_user_id", [String(reader.userId)], ["hubspot_owner_id"]);
  if (problem) {
    return <Failed words={reader.words} problem={problem} />;
  }
  if (loading) {
    return <Loading words={reader.words} />;
  }
  const [user] = records;
  const owner = user?.hubspot_owner_id;
  return user && owner ? <Owner key={owner} user={user} owner={owner} {...props} /> : <>{children(undefined, [])}</>;
}

/** Mounted once the owner is known: a hook cannot wait. */
function Owner({ user, owner, reader, alone, children }: MeProps & { readonly user: Values; readonly owner: string }) {
  const [since] = useState(() => dayBefore(Date.now()));
  const found = useEvery(typeOf(reader), PROPERTIES, asked(owner, since, alone ?? false));
  if (found.problem) {
    return <Failed words={reader.words} problem={found.problem} />;
  }
  if (found.loading) {
    return <Loading words={reader.words} />;
  }
  const rows = current(found.records);
  const mine = rows.filter((each) => each[ROWS.person] === owner);
  const me = { id: owner, name: nameOf(user), ...numbersOf(mine) };
  return (
    <>
      {children(me, alone ? [] : reportsOf(owner, rows))}
      {found.cut ? <Text variant="microcopy">{reader.words.notAllRead}</Text> : null}
    </>
  );
}

/** Those who report to the reader. Whose user the reader may not see is called by their number. */
export function useReports(reports: readonly Report[]): Found {
  const owners = reports.map((each) => each.owner);
  const { records, loading, problem } = useUsers("hubspot_owner_id", owners, ["hubspot_owner_id"]);
  const names = new Map(records.map((each) => [each.hubspot_owner_id, nameOf(each)]));
  const people = reports.map(({ owner, rows }) => ({ id: owner, name: names.get(owner) ?? owner, ...numbersOf(rows) }));
  return { people, loading, problem };
}

/**
 * The object as HubSpot calls it in this account: its fully qualified name.
 * Source: HubSpot, "Custom object schemas API guide"; that `useCrmSearch` takes what the search endpoint takes is not
 * written there.
 */
function typeOf(reader: Reader): string {
  return `p${reader.portalId}_${ROWS.object}`;
}

/** The reader's own records, and those of whoever they are the manager of. A date is asked for as midnight UTC. */
function asked(owner: string, since: number, alone: boolean): Filter[][] {
  const runs: Filter[] = ROWS.ends ? [{ propertyName: ROWS.ends, operator: "GTE", value: String(since) }] : [];
  const of = (propertyName: string): Filter[] => [{ propertyName, operator: "EQ", value: owner }, ...runs];
  return [of(ROWS.person), ...(ROWS.manager && !alone ? [of(ROWS.manager)] : [])];
}

/** All that was found and is not the reader's own. */
function reportsOf(owner: string, rows: readonly Values[]): Report[] {
  const found = new Map<string, Values[]>();
  for (const row of rows) {
    const person = row[ROWS.person];
    if (person && person !== owner) {
      found.set(person, [...(found.get(person) ?? []), row]);
    }
  }
  return [...found].map(([person, theirs]) => ({ owner: person, rows: theirs }));
}

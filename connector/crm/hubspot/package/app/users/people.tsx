// People's numbers in properties of their records among HubSpot's users.
import type { ReactNode } from "react";
import { Failed, Loading } from "./States";
import { nameOf, useUsers, type Card, type Found, type Person } from "./person";
import type { Reader } from "./reader";
import { numberOf, propertiesOf, standings, type Values } from "./rows";
import { CARDS, NUMBERS, REPORTS } from "./schema";

const PROPERTIES = [...(REPORTS ? [REPORTS] : []), ...propertiesOf(NUMBERS, CARDS)];

/** The id of a record. */
export type Report = string;

interface MeProps {
  readonly reader: Reader;
  readonly alone?: boolean; // nobody asks who reports to them
  readonly children: (me: Person | undefined, reports: readonly Report[]) => ReactNode;
}

/** The reader, and who reports to them as their own record names them. HubSpot knows a user by two numbers: pages know the inner one. */
export function Me({ reader, children }: MeProps) {
  const { records, loading, problem } = useUsers("hs_internal_user_id", [String(reader.userId)], PROPERTIES);
  if (problem) {
    return <Failed words={reader.words} problem={problem} />;
  }
  if (loading) {
    return <Loading words={reader.words} />;
  }
  const [me] = records;
  const reports = ((REPORTS && me?.[REPORTS]) || "").split(";").filter(Boolean);
  return <>{children(me && personOf(me), reports)}</>;
}

/** Those who report to the reader; whom the reader may not see is not among them. */
export function useReports(reports: readonly Report[]): Found {
  const { records, loading, problem } = useUsers("hs_object_id", reports, PROPERTIES);
  return { people: records.map(personOf), loading, problem };
}

function personOf(user: Values): Person {
  const cards = CARDS.flatMap(({ key, title, score, band }): Card[] => {
    const reached = numberOf(user[score]);
    return reached === null ? [] : [{ key, title, score: reached, band: user[band] || null }];
  });
  return { id: user.hs_object_id ?? "", name: nameOf(user), standings: standings(user, NUMBERS), cards };
}

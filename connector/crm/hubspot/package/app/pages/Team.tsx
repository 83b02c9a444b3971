// A manager's people: one metric at a time, widest gap first; whoever has no target comes last.
import { useState } from "react";
import { Flex, Select, Table, TableBody, TableCell, TableHead, TableHeader, TableRow, Text } from "@hubspot/ui-extensions";
import { Failed, Loading, Nothing } from "./common/States";
import { useReports, type Report } from "./common/people";
import type { Person } from "./common/person";
import type { Reader } from "./common/reader";
import { percent, said, type Standing } from "./common/rows";
import { CURRENCY } from "./common/schema";

interface TeamProps {
  readonly reports: readonly Report[];
  readonly reader: Reader;
}

interface Member {
  readonly person: Person;
  readonly standing: Standing;
}

export function Team({ reports, reader }: TeamProps) {
  const { people, loading, problem } = useReports(reports);
  const [wanted, setWanted] = useState<string>();
  if (problem) {
    return <Failed words={reader.words} problem={problem} />;
  }
  if (loading) {
    return <Loading words={reader.words} />;
  }
  const found = people.flatMap((person) => person.standings.map((standing) => ({ person, standing })));
  const choices = [...new Map(found.map(({ standing: { quantity } }) => [quantity.key, quantity])).values()];
  const chosen = choices.find((each) => each.key === wanted) ?? choices[0];
  if (!chosen) {
    return <Nothing title={reader.words.noTeam} />;
  }
  const members = found.filter((each) => each.standing.quantity.key === chosen.key).sort(byGap);
  return (
    <Flex direction="column" gap="sm">
      <Select
        label={reader.words.metric}
        value={chosen.key}
        options={choices.map((each) => ({ label: `${each.title} · ${each.grain}`, value: each.key }))}
        onChange={(value) => setWanted(String(value))}
      />
      <Members members={members} reader={reader} />
      {people.length < reports.length ? (
        <Text variant="microcopy">{reader.words.notAllShown}</Text>
      ) : null}
    </Flex>
  );
}

function byGap(one: Member, other: Member): number {
  const gap = (each: Member) => each.standing.gap ?? Number.NEGATIVE_INFINITY;
  const further = gap(other) - gap(one);
  return (Number.isNaN(further) ? 0 : further) || one.person.name.localeCompare(other.person.name);
}

function Members({ members, reader }: { readonly members: readonly Member[]; readonly reader: Reader }) {
  const { words, locale } = reader;
  const amount = (value: number | null, each: Standing) => said(value, each.quantity.unit, each.currency ?? CURRENCY, locale);
  return (
    <Table bordered density="condensed">
      <TableHead>
        <TableRow>
          {[words.person, words.actual, words.target, words.gap, words.attainment, words.pace].map((each) => (
            <TableHeader key={each}>{each}</TableHeader>
          ))}
        </TableRow>
      </TableHead>
      <TableBody>
        {members.map(({ person, standing }) => (
          <TableRow key={person.id}>
            <TableCell>{person.name}</TableCell>
            <TableCell>{amount(standing.actual, standing)}</TableCell>
            <TableCell>{standing.target === null ? words.noTarget : amount(standing.target, standing)}</TableCell>
            <TableCell>{amount(standing.gap, standing)}</TableCell>
            <TableCell>{percent(standing.attainment, locale)}</TableCell>
            <TableCell>{percent(standing.pace, locale)}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

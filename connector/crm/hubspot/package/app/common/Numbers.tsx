// A person's numbers: where each stands, what is missing, and why.
import { Divider, Flex, Heading, ProgressBar, Statistics, StatisticsItem, StatusTag, Text, Tile } from "@hubspot/ui-extensions";
import { Nothing } from "./States";
import { Why } from "./Why";
import type { Person } from "./person";
import type { Reader } from "./reader";
import { percent, said, type Standing } from "./rows";
import { CURRENCY } from "./schema";

interface NumbersProps {
  readonly person: Person;
  readonly reader: Reader;
  readonly brief?: boolean; // beside a record: without the records behind each number
}

export function Numbers({ person, reader, brief }: NumbersProps) {
  const { cards, standings: found } = person;
  if (found.length === 0 && cards.length === 0) {
    return <Nothing title={reader.words.noNumbers} />;
  }
  return (
    <Flex direction="column" gap="md">
      {cards.map((each) => (
        <Flex key={each.key} direction="row" gap="sm" align="center">
          <Heading inline>{each.title}</Heading>
          <Text>{percent(each.score, reader.locale)}</Text>
          {each.band ? <StatusTag>{each.band}</StatusTag> : null}
        </Flex>
      ))}
      {cards.length > 0 && found.length > 0 ? <Divider /> : null}
      {found.map((each) => (
        <Number key={each.quantity.key} standing={each} reader={reader} brief={brief ?? false} />
      ))}
    </Flex>
  );
}

interface NumberProps {
  readonly standing: Standing;
  readonly reader: Reader;
  readonly brief: boolean;
}

function Number({ standing, reader, brief }: NumberProps) {
  const { quantity, attainment } = standing;
  const title = [quantity.title, standing.period ?? reader.words[grainWord(quantity.grain)]].filter(Boolean).join(" · ");
  return (
    <Tile compact>
      <Flex direction="column" gap="xs">
        <Flex direction="row" gap="sm" align="center">
          <Heading inline>{title}</Heading>
          {standing.band ? <StatusTag variant={variantOf(standing)}>{standing.band}</StatusTag> : null}
        </Flex>
        <Gauge standing={standing} reader={reader} />
        {attainment === null && standing.target === null ? <Text variant="microcopy">{reader.words.noTarget}</Text> : null}
        <Statistics>
          {facts(standing, reader).map(([label, value]) => (
            <StatisticsItem key={label} label={label} number={value} />
          ))}
        </Statistics>
        {brief ? null : <Why standing={standing} reader={reader} />}
      </Flex>
    </Tile>
  );
}

function Gauge({ standing, reader }: { readonly standing: Standing; readonly reader: Reader }) {
  if (standing.attainment === null) {
    return null;
  }
  const said = percent(standing.attainment, reader.locale);
  return (
    <ProgressBar
      title={reader.words.attainment}
      aria-label={`${standing.quantity.title}: ${said}`}
      value={Math.min(100, Math.max(0, standing.attainment * 100))}
      maxValue={100}
      valueDescription={said}
      variant={variantOf(standing) === "danger" ? "danger" : variantOf(standing) === "warning" ? "warning" : "success"}
    />
  );
}

/** Pace says how it goes; where there is none, nothing is judged. */
function variantOf(standing: Standing): "success" | "warning" | "danger" | "default" {
  if (standing.pace === null) {
    return "default";
  }
  return standing.pace >= 1 ? "success" : standing.pace >= 0.7 ? "warning" : "danger";
}

function facts(standing: Standing, reader: Reader): [string, string][] {
  const { words, locale } = reader;
  const amount = (value: number | null) => said(value, standing.quantity.unit, standing.currency ?? CURRENCY, locale);
  const all: [string, number | null, string][] = [
    [words.actual, standing.actual, amount(standing.actual)],
    [words.target, standing.target, amount(standing.target)],
    [words.gap, standing.gap, amount(standing.gap)],
    [words.pace, standing.pace, percent(standing.pace, locale)],
    [words.projection, standing.projection, amount(standing.projection)],
    [words.rank, standing.rank, String(standing.rank)],
  ];
  return all.filter(([, value]) => value !== null).map(([label, , text]) => [label, text]);
}

function grainWord(grain: string): "month" | "quarter" | "year" {
  return grain === "month" || grain === "year" ? grain : "quarter";
}

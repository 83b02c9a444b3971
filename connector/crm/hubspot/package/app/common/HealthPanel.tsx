// Points, reasons and the next step of the record that is open.
import { useCrmProperties } from "@hubspot/ui-extensions/crm";
import { Flex, Heading, List, ScoreCircle, StatusTag, Text } from "@hubspot/ui-extensions";
import { Failed, Loading, Nothing } from "./States";
import type { HealthPlace } from "./places";
import type { Reader } from "./reader";
import { named, numberOf, percent } from "./rows";

interface HealthPanelProps {
  readonly place: NonNullable<HealthPlace>;
  readonly title: string;
  readonly reader: Reader;
}

export function HealthPanel({ place, title, reader }: HealthPanelProps) {
  const { words, locale } = reader;
  const { properties, isLoading, error } = useCrmProperties(Object.values(place));
  if (error) {
    return <Failed words={words} problem={error.message} />;
  }
  if (isLoading) {
    return <Loading words={words} />;
  }
  const values = named(properties, place);
  const health = numberOf(values.health);
  const retention = numberOf(values.retention);
  if (health === null && retention === null) {
    return <Nothing title={words.noHealth} />;
  }
  const reasons = (values.health_reasons ?? "").split("; ").filter(Boolean);
  return (
    <Flex direction="column" gap="sm">
      <Flex direction="row" gap="md" align="center">
        {health === null ? null : <ScoreCircle score={Math.min(100, Math.max(0, Math.round(health)))} />}
        <Heading inline>{title}</Heading>
        {values.health_band ? <StatusTag>{values.health_band}</StatusTag> : null}
      </Flex>
      {retention === null ? null : (
        <Text>
          {words.retention}: {percent(retention, locale)}
        </Text>
      )}
      {reasons.length > 0 ? (
        <>
          <Text format={{ fontWeight: "bold" }}>{words.reasons}</Text>
          <List variant="unordered-styled">
            {reasons.map((each) => (
              <Text key={each}>{each}</Text>
            ))}
          </List>
        </>
      ) : null}
      {values.next_step ? (
        <>
          <Text format={{ fontWeight: "bold" }}>{words.nextStep}</Text>
          <Text>{values.next_step}</Text>
        </>
      ) : null}
    </Flex>
  );
}

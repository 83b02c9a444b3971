// What was counted for a number, and what was not, with the reason.
import { Accordion, Flex, Heading, Link, List, Text } from "@hubspot/ui-extensions";
import type { Reader } from "./reader";
import { filled, said, type Line, type Standing } from "./rows";
import { CURRENCY, DOMAIN, NOTE, TYPE_IDS } from "./schema";

interface WhyProps {
  readonly standing: Standing;
  readonly reader: Reader;
}

export function Why({ standing, reader }: WhyProps) {
  const { words } = reader;
  const { evidence, explanation } = standing;
  if (!evidence && !explanation) {
    return null;
  }
  return (
    <Accordion title={words.why} size="sm">
      <Flex direction="column" gap="xs">
        {explanation ? <Text variant="microcopy">{explanation}</Text> : null}
        {evidence ? <Lines title={words.counted} lines={evidence.counted} more={evidence.more} reader={reader} /> : null}
        {evidence && evidence.left_out.length > 0 ? (
          <>
            <Lines title={words.leftOut} lines={evidence.left_out} more={evidence.unseen} reader={reader} />
            {NOTE ? <Text variant="microcopy">{words.disputeThere}</Text> : null}
          </>
        ) : null}
      </Flex>
    </Accordion>
  );
}

interface LinesProps {
  readonly reader: Reader;
  readonly title: string;
  readonly lines: readonly Line[];
  readonly more: number;
}

function Lines({ title, lines, more, reader }: LinesProps) {
  return (
    <>
      <Heading inline>{title}</Heading>
      {lines.length === 0 ? <Text>{reader.words.nothingCounted}</Text> : null}
      <List variant="unordered-styled">
        {lines.map((line, at) => (
          <Text key={at}>
            <Named line={line} reader={reader} />
            {rest(line, reader)}
          </Text>
        ))}
      </List>
      {more > 0 ? <Text variant="microcopy">{filled(reader.words.andMore, more)}</Text> : null}
    </>
  );
}

function rest(line: Line, reader: Reader): string {
  const credit =
    line.credit === null || line.credit === undefined ? "" : said(line.credit, "money", CURRENCY, reader.locale);
  const parts = [line.on, credit, line.note, line.reason].filter(Boolean);
  return parts.length > 0 ? `, ${parts.join(", ")}` : "";
}

/** A link to the record, where it lives in this account. */
function Named({ line, reader }: { readonly line: Line; readonly reader: Reader }) {
  const type = TYPE_IDS[line.of ?? ""];
  if (!line.id || !type) {
    return <>{line.name}</>;
  }
  return <Link href={`https://${DOMAIN}/contacts/${reader.portalId}/record/${type}/${line.id}`}>{line.name}</Link>;
}

// What an admin looks at after the upload: is the reader known, and where does Attain write.
import { Alert, DescriptionList, DescriptionListItem, Flex, Heading, Text, hubspot } from "@hubspot/ui-extensions";
import { Failed, Loading } from "./common/States";
import { nameOf, useMe, useReader } from "./common/reader";
import { standings } from "./common/rows";
import { CARDS, COMPANY, DEAL, NOTE, NUMBERS } from "./common/schema";

export function SettingsPage() {
  const reader = useReader();
  const { me, loading, problem } = useMe(reader);
  const { words } = reader;
  if (problem) {
    return <Failed words={words} problem={problem} />;
  }
  if (loading) {
    return <Loading words={words} />;
  }
  const known = me !== undefined && standings(me, NUMBERS).length > 0;
  return (
    <Flex direction="column" gap="md">
      <Alert title={known ? words.ready : words.notReady} variant={known ? "success" : "warning"}>
        {known ? nameOf(me) : words.notReadyHelp}
      </Alert>
      <Heading>{words.writtenHere}</Heading>
      <DescriptionList>
        <DescriptionListItem label={words.myNumbers}>
          <Text>{[...NUMBERS, ...CARDS].map((each) => each.title).filter(once).join(", ") || "–"}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={words.dealHealth}>
          <Text>{DEAL ? Object.values(DEAL).join(", ") : "–"}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={words.accountHealth}>
          <Text>{COMPANY ? Object.values(COMPANY).join(", ") : "–"}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={words.notes}>
          <Text>{NOTE ? NOTE.typed.join(", ") : "–"}</Text>
        </DescriptionListItem>
      </DescriptionList>
      <Text variant="microcopy">{words.settingsHelp}</Text>
    </Flex>
  );
}

function once(each: string, at: number, all: readonly string[]): boolean {
  return all.indexOf(each) === at;
}

hubspot.extend<"settings">(() => <SettingsPage />);

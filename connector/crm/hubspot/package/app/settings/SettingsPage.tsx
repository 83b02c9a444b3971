// What an admin looks at after the upload: is the reader known, and where does Attain write.
import { Alert, DescriptionList, DescriptionListItem, Flex, Heading, Text, hubspot } from "@hubspot/ui-extensions";
import { Me } from "./common/people";
import type { Person } from "./common/person";
import { useReader, type Reader } from "./common/reader";
import { COMPANY, DEAL, NOTE, OF_PEOPLE } from "./common/schema";

export function SettingsPage() {
  const reader = useReader();
  return (
    <Me reader={reader} alone>
      {(me) => <Settings me={me} reader={reader} />}
    </Me>
  );
}

function Settings({ me, reader }: { readonly me: Person | undefined; readonly reader: Reader }) {
  const { words } = reader;
  const known = me !== undefined && (me.standings.length > 0 || me.cards.length > 0);
  return (
    <Flex direction="column" gap="md">
      <Alert title={known ? words.ready : words.notReady} variant={known ? "success" : "warning"}>
        {known ? me.name : words.notReadyHelp}
      </Alert>
      <Heading>{words.writtenHere}</Heading>
      <DescriptionList>
        <DescriptionListItem label={words.myNumbers}>
          <Text>{OF_PEOPLE.join(", ") || "–"}</Text>
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

hubspot.extend<"settings">(() => <SettingsPage />);

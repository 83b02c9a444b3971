// The card on a deal: its health, the reader's own numbers, and a word about them.
import { Divider, Flex, Heading, hubspot } from "@hubspot/ui-extensions";
import { HealthPanel } from "./common/HealthPanel";
import { Mine } from "./common/Mine";
import { NoteForm } from "./common/NoteForm";
import { useReader } from "./common/reader";
import { DEAL, NOTE, OF_PEOPLE } from "./common/schema";

export function DealCard() {
  const reader = useReader();
  return (
    <Flex direction="column" gap="md">
      {DEAL ? <HealthPanel place={DEAL} title={reader.words.dealHealth} reader={reader} /> : null}
      {DEAL && OF_PEOPLE.length > 0 ? <Divider /> : null}
      {OF_PEOPLE.length > 0 ? (
        <>
          <Heading>{reader.words.myNumbers}</Heading>
          <Mine reader={reader} brief />
        </>
      ) : null}
      {NOTE ? <NoteForm place={NOTE} reader={reader} /> : null}
    </Flex>
  );
}

hubspot.extend<"crm.record.tab">(() => <DealCard />);

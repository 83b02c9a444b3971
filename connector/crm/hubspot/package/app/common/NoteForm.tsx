// Feedback, a dispute, a check-in: typed into properties of the deal that is open, and answered there.
import { CrmPropertyList, useCrmProperties } from "@hubspot/ui-extensions/crm";
import { Accordion, Alert, Flex, Text } from "@hubspot/ui-extensions";
import type { NotePlace } from "./places";
import type { Reader } from "./reader";

interface NoteFormProps {
  readonly place: NotePlace;
  readonly reader: Reader;
}

export function NoteForm({ place, reader }: NoteFormProps) {
  const { words } = reader;
  const asked = [place.text, ...(place.answer ? [place.answer] : [])];
  const { properties } = useCrmProperties(asked);
  const text = properties[place.text];
  const answer = place.answer ? properties[place.answer] : null;
  return (
    <Accordion title={words.say} size="sm" defaultOpen={Boolean(text)}>
      <Flex direction="column" gap="sm">
        <Text variant="microcopy">{words.noteHelp}</Text>
        <CrmPropertyList properties={[...place.typed]} direction="column" />
        {answer ? (
          <Alert title={words.answered} variant="success">
            {answer}
          </Alert>
        ) : null}
        {text && !answer ? <Text variant="microcopy">{words.open}</Text> : null}
      </Flex>
    </Accordion>
  );
}

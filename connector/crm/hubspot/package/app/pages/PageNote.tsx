// A word to sales operations from the app's own page. A page cannot write into HubSpot, so it goes to Attain's own door.
import { useState } from "react";
import { Accordion, Alert, Button, Flex, Select, Text, TextArea, hubspot, useCrmSearch } from "@hubspot/ui-extensions";
import type { PageNotePlace } from "./common/places";
import type { Reader } from "./common/reader";
import type { Standing } from "./common/rows";
import { PEOPLE } from "./common/schema";
import type { Words } from "./common/words";

interface PageNoteProps {
  readonly place: PageNotePlace;
  readonly standings: readonly Standing[];
  readonly reader: Reader;
}

interface Draft {
  readonly kind: Kind;
  readonly about: string; // a standing's key; empty: all of them
  readonly deal: string;
  readonly text: string;
}

type Kind = "feedback" | "dispute" | "check_in";
type Sent = "no" | "sending" | "yes" | { readonly problem: string };

const EMPTY: Draft = { kind: "feedback", about: "", deal: "", text: "" };
const LONGEST = 5000; // as the door has it
const PATIENCE = 10_000; // milliseconds

export function PageNote({ place, standings, reader }: PageNoteProps) {
  const { words } = reader;
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [sent, setSent] = useState<Sent>("no");
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part });
    setSent("no");
  };
  const send = async () => {
    if (!draft.text.trim()) {
      setSent({ problem: words.emptyNote });
      return;
    }
    setSent("sending");
    const problem = await sending(place.url, noteOf(draft, standings), words);
    setSent(problem === null ? "yes" : { problem });
    if (problem === null) {
      setDraft(EMPTY);
    }
  };
  return (
    <Accordion title={words.say} size="sm">
      <Flex direction="column" gap="sm">
        <Earlier place={place} reader={reader} />
        <Fields draft={draft} standings={standings} words={words} change={change} />
        <Button variant="primary" disabled={sent === "sending"} onClick={send}>
          {words.send}
        </Button>
        {sent === "yes" ? <Alert title={words.sentHere} variant="success" /> : null}
        {typeof sent === "object" ? <Alert title={sent.problem} variant="danger" /> : null}
      </Flex>
    </Accordion>
  );
}

/** What stands in the reader's record: their last note, and what was answered. */
function Earlier({ place, reader }: { readonly place: PageNotePlace; readonly reader: Reader }) {
  const { words } = reader;
  const { results } = useCrmSearch({
    objectType: PEOPLE,
    properties: [place.text, ...(place.answer ? [place.answer] : [])],
    filterGroups: [
      { filters: [{ propertyName: "hs_internal_user_id", operator: "EQ", value: String(reader.userId) }] },
    ],
    pageLength: 1,
  });
  const mine = results[0]?.properties ?? {};
  const text = mine[place.text];
  const answer = place.answer ? mine[place.answer] : null;
  if (!text) {
    return null;
  }
  return (
    <>
      <Text variant="microcopy">
        {words.lastNote}: {text}
      </Text>
      {answer ? (
        <Alert title={words.answered} variant="success">
          {answer}
        </Alert>
      ) : (
        <Text variant="microcopy">{words.open}</Text>
      )}
    </>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly standings: readonly Standing[];
  readonly words: Words;
  readonly change: (part: Partial<Draft>) => void;
}

function Fields({ draft, standings, words, change }: FieldsProps) {
  const kinds: readonly [Kind, string][] = [
    ["feedback", words.feedback],
    ["dispute", words.dispute],
    ["check_in", words.checkIn],
  ];
  const numbers = standings.map((each) => [each.quantity.key, titleOf(each)] as const);
  const deals = dealsBehind(standings, draft.about);
  return (
    <>
      <Select
        label={words.noteKind}
        value={draft.kind}
        options={kinds.map(([value, label]) => ({ value, label }))}
        onChange={(value) => change({ kind: kinds.find(([each]) => each === value)?.[0] ?? "feedback", deal: "" })}
      />
      <Select
        label={words.metric}
        value={draft.about}
        options={[["", words.everything] as const, ...numbers].map(([value, label]) => ({ value, label }))}
        onChange={(value) => change({ about: String(value ?? ""), deal: "" })}
      />
      {draft.kind === "dispute" && deals.length > 0 ? (
        <Select
          label={words.deal}
          value={draft.deal}
          options={deals.map(([value, label]) => ({ value, label }))}
          onChange={(value) => change({ deal: String(value ?? "") })}
        />
      ) : null}
      <TextArea
        label={words.noteText}
        name="text"
        value={draft.text}
        maxLength={LONGEST}
        onChange={(value) => change({ text: value })}
      />
    </>
  );
}

function titleOf(standing: Standing): string {
  return [standing.quantity.title, standing.period ?? standing.quantity.grain].join(" · ");
}

/** Deals of this account that were counted or left out, each once. */
function dealsBehind(standings: readonly Standing[], about: string): (readonly [string, string])[] {
  const lines = standings
    .filter((each) => !about || each.quantity.key === about)
    .flatMap(({ evidence }) => (evidence ? [...evidence.left_out, ...evidence.counted] : []));
  const deals = lines.flatMap(({ id, of, name }) => (id && of === "deals" ? [[id, name] as const] : []));
  return [...new Map(deals)];
}

function noteOf(draft: Draft, standings: readonly Standing[]): Record<string, string> {
  const about = standings.find((each) => each.quantity.key === draft.about);
  const said: Record<string, string> = { kind: draft.kind, text: draft.text.trim() };
  if (about) {
    said.metric = about.quantity.key.slice(0, -about.quantity.grain.length - 1);
    said.period = about.period ?? "";
  }
  if (draft.kind === "dispute" && draft.deal) {
    said.deal = draft.deal;
  }
  return said;
}

/** Null where it was taken; else why not, to be read by whoever wrote it. */
async function sending(url: string, note: Record<string, string>, words: Words): Promise<string | null> {
  try {
    const { status } = await hubspot.fetch(url, { method: "POST", timeout: PATIENCE, body: note });
    const known: Readonly<Record<number, string>> = { 403: words.nobodyHere, 409: words.earlierWaits };
    return status === 200 ? null : (known[status] ?? `${words.notSent} ${status}`);
  } catch (error) {
    return `${words.notSent} ${error instanceof Error ? error.message : String(error)}`;
  }
}

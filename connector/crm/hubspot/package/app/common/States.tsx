// What is shown while there is nothing to show.
import { EmptyState, ErrorState, LoadingSpinner, Text } from "@hubspot/ui-extensions";
import type { Words } from "./words";

export function Loading({ words }: { readonly words: Words }) {
  return <LoadingSpinner label={words.loading} layout="centered" showLabel />;
}

export function Failed({ words, problem }: { readonly words: Words; readonly problem: string }) {
  return (
    <ErrorState title={words.failed}>
      <Text>{problem}</Text>
    </ErrorState>
  );
}

export function Nothing({ title }: { readonly title: string }) {
  return <EmptyState title={title} layout="vertical" imageWidth={120}>{null}</EmptyState>;
}

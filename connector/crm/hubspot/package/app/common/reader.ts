// Who is reading, and in which language.
import { useExtensionContext } from "@hubspot/ui-extensions";
import { localeOf } from "./rows";
import { WORDS, type Words } from "./words";

/** The signed-in person, and how things are said to them. */
export interface Reader {
  readonly userId: number;
  readonly portalId: number;
  readonly locale: string | undefined;
  readonly words: Words;
}

export function useReader(): Reader {
  const { user, portal } = useExtensionContext();
  const language = (user.language ?? user.locale ?? "en").toLowerCase();
  return {
    userId: user.id,
    portalId: portal.id,
    locale: localeOf(user.locale ?? user.language),
    words: language.startsWith("zh") ? WORDS.zh : WORDS.en,
  };
}

// The signed-in person's numbers, wherever a page or a card has room for them.
import { Failed, Loading, Nothing } from "./States";
import { Numbers } from "./Numbers";
import { useMe, type Reader } from "./reader";

export function Mine({ reader, brief }: { readonly reader: Reader; readonly brief?: boolean }) {
  const { me, loading, problem } = useMe(reader);
  if (problem) {
    return <Failed words={reader.words} problem={problem} />;
  }
  if (loading) {
    return <Loading words={reader.words} />;
  }
  return me ? <Numbers person={me} reader={reader} brief={brief ?? false} /> : <Nothing title={reader.words.noNumbers} />;
}

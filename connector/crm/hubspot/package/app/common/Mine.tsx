// The signed-in person's numbers, wherever a page or a card has room for them.
import { Nothing } from "./States";
import { Numbers } from "./Numbers";
import { Me } from "./people";
import type { Reader } from "./reader";

export function Mine({ reader, brief }: { readonly reader: Reader; readonly brief?: boolean }) {
  return (
    <Me reader={reader} alone>
      {(me) =>
        me ? <Numbers person={me} reader={reader} brief={brief ?? false} /> : <Nothing title={reader.words.noNumbers} />
      }
    </Me>
  );
}

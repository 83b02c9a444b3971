// The app's own page: the reader's numbers, a word about them, and the numbers of whoever reports to them.
import { Flex, Tab, Tabs, hubspot } from "@hubspot/ui-extensions";
import { PageRoutes, createPageRouter } from "@hubspot/ui-extensions/pages";
import { PageNote } from "./PageNote";
import { Team } from "./Team";
import { Nothing } from "./common/States";
import { Numbers } from "./common/Numbers";
import { Me, type Report } from "./common/people";
import type { Person } from "./common/person";
import { useReader, type Reader } from "./common/reader";
import { PAGE_NOTE } from "./common/schema";

export function Home() {
  const reader = useReader();
  return <Me reader={reader}>{(me, reports) => <Stand me={me} reports={reports} reader={reader} />}</Me>;
}

interface StandProps {
  readonly me: Person | undefined;
  readonly reports: readonly Report[];
  readonly reader: Reader;
}

function Stand({ me, reports, reader }: StandProps) {
  const mine = me ? (
    <Flex direction="column" gap="md">
      <Numbers person={me} reader={reader} />
      {PAGE_NOTE ? <PageNote place={PAGE_NOTE} standings={me.standings} reader={reader} /> : null}
    </Flex>
  ) : (
    <Nothing title={reader.words.noNumbers} />
  );
  if (reports.length === 0) {
    return mine;
  }
  return (
    <Tabs defaultSelected="mine">
      <Tab tabId="mine" title={reader.words.myNumbers}>
        {mine}
      </Tab>
      <Tab tabId="team" title={reader.words.myTeam}>
        <Team reports={reports} reader={reader} />
      </Tab>
    </Tabs>
  );
}

const PageRouter = createPageRouter(
  <PageRoutes>
    <PageRoutes.IndexRoute component={Home} id="home" />
    <PageRoutes.AnyRoute component={Home} />
  </PageRoutes>,
);

hubspot.extend<"pages">(() => <PageRouter />);

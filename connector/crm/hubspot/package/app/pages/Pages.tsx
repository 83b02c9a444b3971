// The app's own page: the reader's numbers, a word about them, and the numbers of whoever reports to them.
import { Flex, Tab, Tabs, hubspot } from "@hubspot/ui-extensions";
import { PageRoutes, createPageRouter } from "@hubspot/ui-extensions/pages";
import { PageNote } from "./PageNote";
import { Team } from "./Team";
import { Failed, Loading, Nothing } from "./common/States";
import { Numbers } from "./common/Numbers";
import { reportsOf, useMe, useReader } from "./common/reader";
import { standings } from "./common/rows";
import { NUMBERS, PAGE_NOTE } from "./common/schema";

export function Home() {
  const reader = useReader();
  const { me, loading, problem } = useMe(reader);
  if (problem) {
    return <Failed words={reader.words} problem={problem} />;
  }
  if (loading) {
    return <Loading words={reader.words} />;
  }
  const mine = me ? (
    <Flex direction="column" gap="md">
      <Numbers person={me} reader={reader} />
      {PAGE_NOTE ? <PageNote place={PAGE_NOTE} standings={standings(me, NUMBERS)} reader={reader} /> : null}
    </Flex>
  ) : (
    <Nothing title={reader.words.noNumbers} />
  );
  const reports = reportsOf(me);
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

// The card on a company: its health, and what is retained.
import { hubspot } from "@hubspot/ui-extensions";
import { HealthPanel } from "./common/HealthPanel";
import { Nothing } from "./common/States";
import { useReader } from "./common/reader";
import { COMPANY } from "./common/schema";

export function CompanyCard() {
  const reader = useReader();
  return COMPANY ? (
    <HealthPanel place={COMPANY} title={reader.words.accountHealth} reader={reader} />
  ) : (
    <Nothing title={reader.words.noHealth} />
  );
}

hubspot.extend<"crm.record.tab">(() => <CompanyCard />);

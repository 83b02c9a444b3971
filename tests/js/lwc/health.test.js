import AttainAccountHealth from "c/attainAccountHealth";
import AttainDealHealth from "c/attainDealHealth";
import { getRecord } from "lightning/uiRecordApi";
import { all, find, settled, shown } from "./pages";

const record = (object, fields) => ({
    apiName: object,
    fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { value }]))
});
const panel = (element) => find(element, "c-attain-health-panel");

async function deal(fields) {
    const element = shown("c-attain-deal-health", AttainDealHealth, { recordId: "006000000000001AAA" });
    await settled();
    if (fields) {
        getRecord.emit(record("Opportunity", fields));
        await settled();
    }
    return panel(element);
}

test("says that it is loading before an answer", async () => {
    expect(find(await deal(), "lightning-spinner")).not.toBeNull();
});

test("asks for our fields as optional ones: whoever may not see them still has a page", async () => {
    await deal();
    const { recordId, optionalFields } = getRecord.getLastConfig();
    expect(recordId).toBe("006000000000001AAA");
    expect(optionalFields).toContain("Opportunity.Attain_Health__c");
});

test("shows points, band, reasons and the next step of a deal", async () => {
    const shownPanel = await deal({
        Attain_Health__c: 42,
        Attain_Health_Band__c: "at risk",
        Attain_Health_Reasons__c: "no activity for 21 days (-30); close date moved twice (-20)",
        Attain_Next_Step__c: "Call the buyer"
    });
    expect(find(shownPanel, ".points").textContent.replace(/\s+/g, " ")).toContain("42 / 100");
    expect(find(shownPanel, "lightning-badge").label).toBe("at risk");
    expect(all(shownPanel, ".reasons li").map((each) => each.textContent)).toEqual([
        "no activity for 21 days (-30)",
        "close date moved twice (-20)"
    ]);
    expect(find(shownPanel, ".next").textContent).toBe("Call the buyer");
});

test("a deal that nobody judges is said to be so; zero is a judgement", async () => {
    expect(find(await deal({ Attain_Health__c: null }), ".empty").textContent).toContain("This record is not judged");
    document.body.replaceChildren();
    expect(find(await deal({ Attain_Health__c: 0 }), ".points").textContent).toContain("0");
});

test("passes on what Salesforce complains of", async () => {
    const shownPanel = await deal();
    getRecord.error({ message: "not for you" });
    await settled();
    expect(find(shownPanel, "[role=alert]").textContent).toContain("not for you");
});

test("an account shows its retention too", async () => {
    const element = shown("c-attain-account-health", AttainAccountHealth, { recordId: "001000000000001AAA" });
    await settled();
    getRecord.emit(record("Account", { Attain_Health__c: 80, Attain_Retention__c: 96.5 }));
    await settled();
    expect(panel(element).shadowRoot.textContent).toContain("Retention: 96.5%");
});

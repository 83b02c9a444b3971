import AttainWhy from "c/attainWhy";
import { createRecord } from "lightning/uiRecordApi";
import { all, find, quarter, read, settled, shown } from "./pages";

const DEAL = "006000000000001AAA";
const LISTS = {
    counted: [{ id: DEAL, name: "Alpine mill", on: "2026-10-14", credit: 60000, note: "60 %" }],
    left_out: [
        { id: "006000000000002AAA", name: "Kiln", reason: "no amount" },
        { id: null, name: "From the other CRM", reason: "no rate for CHF" }
    ],
    more: 2,
    unseen: 1
};

async function why(more) {
    const element = shown("c-attain-why", AttainWhy, { row: quarter(more) });
    await settled();
    return element;
}

const evidence = (lists) => why({ evidence: JSON.stringify(lists) });

test("lists what was counted with date, amount and share, and what was left out with its reason", async () => {
    const element = await evidence(LISTS);
    expect(read(find(element, ".counted"))).toContain("Alpine mill");
    expect(find(element, ".counted").textContent).toContain("2026-10-14, €60,000, 60 %");
    expect(find(element, ".left-out").textContent).toContain("no rate for CHF");
    expect(read(element)).toContain("and 2 more");
    expect(read(element)).toContain("and 1 more");
});

test("links a record of this org, and only names one of another", async () => {
    const element = await evidence(LISTS);
    const links = all(element, "c-attain-record-link").map((each) => each.shadowRoot.querySelector("a"));
    expect(links.map(Boolean)).toEqual([true, true, false]);
});

test("says that nothing was counted", async () => {
    const element = await evidence({ counted: [], left_out: [], more: 0, unseen: 0 });
    expect(element.shadowRoot.textContent).toContain("Nothing was counted.");
});

test.each([[undefined], ["{"], ['{"counted": 3}'], ["null"]])("falls back to the plain words where lists are %s", async (text) => {
    const element = await why({ evidence: text, why: "Alpine mill, 2026-10-14, €60,000" });
    expect(find(element, "pre").textContent).toContain("Alpine mill");
});

test("only a record of this org can be claimed; claiming opens a dispute about that deal", async () => {
    const element = await evidence(LISTS);
    expect(all(element, ".mine").map((each) => each.dataset.id)).toEqual(["006000000000002AAA"]);
    find(element, ".mine").click();
    await settled();
    const form = find(element, "c-attain-note-form");
    form.shadowRoot.querySelector("lightning-textarea").dispatchEvent(new CustomEvent("change", { detail: { value: " I signed it " } }));
    createRecord.mockResolvedValue({ id: "a01" });
    form.shadowRoot.querySelector(".send").click();
    await settled();
    expect(createRecord).toHaveBeenCalledWith({
        apiName: "Attain_Note__c",
        fields: {
            Kind__c: "dispute",
            Text__c: "I signed it",
            Person__c: "005000000000002AAA",
            Metric__c: "bookings",
            Period__c: "2026-Q4",
            Deal__c: "006000000000002AAA"
        }
    });
    expect(read(form)).toContain("Sent. Sales operations will answer in the note.");
});

test("a word about the number itself is feedback, and can be taken back", async () => {
    const element = await evidence(LISTS);
    find(element, ".say").click();
    await settled();
    expect(find(element, "c-attain-note-form").kind).toBe("feedback");
    find(element, "c-attain-note-form").shadowRoot.querySelector(".cancel").click();
    await settled();
    expect(find(element, "c-attain-note-form")).toBeNull();
});

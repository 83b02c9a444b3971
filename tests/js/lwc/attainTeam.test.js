import AttainTeam from "c/attainTeam";
import { createRecord } from "lightning/uiRecordApi";
import { graphql } from "lightning/graphql";
import { ANA, BEN, all, answer, find, quarter, read, refuse, settled, shown } from "./pages";

beforeEach(() => jest.useFakeTimers({ now: new Date(2026, 10, 25, 12) }));

const page = () => shown("c-attain-team", AttainTeam);
const people = (element) => all(element, "tr.person").map((row) => [...row.children].map((each) => each.textContent));
const TEAM = [
    quarter({ id: "a1", who: "Ana" }),
    quarter({ id: "a2", who: "Ben", person: BEN, gap: 90000, attainment: 55, pace: 80 }),
    quarter({ id: "a3", who: "Cleo", person: "005C", target: null, gap: null, attainment: null, pace: null }),
    quarter({ id: "a4", who: "Ana", metric: "calls", metric_title: "Calls", unit: "number", currency: null, gap: 7 })
];

test("says that it is loading before an answer, and that nobody reports", async () => {
    const element = page();
    await settled();
    expect(find(element, "lightning-spinner")).not.toBeNull();
    await answer("attainTeam", []);
    expect(find(element, ".empty").textContent).toBe("Nobody with numbers reports to you.");
});

test("asks for those whose manager is looking, in periods that run", async () => {
    page();
    await settled();
    const { variables } = graphql.getLastConfig();
    expect(variables.user).toBe("005000000000001AAA");
});

test("passes on what Salesforce complains of", async () => {
    const element = page();
    await refuse("attainTeam", "no such field");
    expect(find(element, "[role=alert]").textContent).toContain("no such field");
});

test("one metric at a time, the widest gap first, without a target last", async () => {
    const element = page();
    await answer("attainTeam", TEAM);
    expect(people(element).map(([name, gap, attainment, pace]) => [name, gap, attainment, pace])).toEqual([
        ["Ben", "€90,000", "55%", "80%"],
        ["Ana", "€50,000", "75%", "125%"],
        ["Cleo", "–", "no target", "–"]
    ]);
    find(element, "lightning-combobox").dispatchEvent(new CustomEvent("change", { detail: { value: "Calls · 2026-Q4" } }));
    await settled();
    expect(people(element).map(([name, gap]) => [name, gap])).toEqual([["Ana", "7"]]);
});

test("shows what was said about a person, and takes a manager's word", async () => {
    const element = page();
    await answer("attainTeam", TEAM);
    await answer("attainNotes", [
        { id: "n1", person: BEN, kind: "feedback", text: "Territory was cut", answer: null, written: "2026-11-02T08:00:00.000Z" },
        { id: "n2", person: ANA, kind: "dispute", text: "Mine", answer: "Credited", metric: "bookings", period: "2026-Q4" }
    ]);
    const [ben, ana] = all(element, ".notes");
    expect([ben.label, ana.label]).toEqual(["Notes (1)", "Notes (1)"]);
    ben.click();
    await settled();
    expect(read(find(element, ".said"))).toContain("2026-11-02 · feedback: Territory was cut");
    expect(find(element, ".said p").textContent).toBe("not answered yet");
    const form = find(element, "c-attain-note-form");
    createRecord.mockResolvedValue({});
    form.shadowRoot.querySelector("lightning-textarea").dispatchEvent(new CustomEvent("change", { detail: { value: "Lower it" } }));
    form.shadowRoot.querySelector(".send").click();
    await settled();
    expect(createRecord.mock.calls[0][0].fields).toMatchObject({ Person__c: BEN, Kind__c: "feedback", Text__c: "Lower it" });
    ana.click();
    await settled();
    expect(read(find(element, ".said"))).toContain("Answer: Credited");
});

test("a person without notes is said to have none", async () => {
    const element = page();
    await answer("attainTeam", TEAM);
    find(element, ".notes").click();
    await settled();
    expect(find(element, "tr.opened").textContent).toContain("No notes yet.");
});

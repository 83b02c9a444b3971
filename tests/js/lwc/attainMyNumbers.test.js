import AttainMyNumbers from "c/attainMyNumbers";
import { graphql } from "lightning/graphql";
import { all, answer, find, quarter, read, refuse, settled, shown } from "./pages";

beforeEach(() => jest.useFakeTimers({ now: new Date(2026, 10, 25, 12) }));

const page = () => shown("c-attain-my-numbers", AttainMyNumbers);

test("says that it is loading before an answer", async () => {
    const element = page();
    await settled();
    expect(find(element, "lightning-spinner").alternativeText).toBe("Loading");
    expect(find(element, ".empty")).toBeNull();
});

test("asks for the running user's rows of the last two years", async () => {
    page();
    await settled();
    const { query, variables } = graphql.getLastConfig();
    expect(query).toContain("User__c: { eq: $user }");
    expect(variables).toEqual({ user: "005000000000001AAA", since: "2024-11-01" });
});

test("says why there is nothing yet", async () => {
    const element = page();
    await answer("attainMine", []);
    expect(find(element, ".empty").textContent).toBe("No numbers yet. They appear after Attain's next run.");
});

test("passes on what Salesforce complains of", async () => {
    const element = page();
    await refuse("attainMine", "Attain_Attainment__c is not visible");
    expect(find(element, "[role=alert]").textContent).toContain("Attain_Attainment__c is not visible");
});

test("shows each number of today's periods with its facts, and no number where there is none", async () => {
    const element = page();
    await answer("attainMine", [
        quarter(),
        quarter({ id: "a2", metric: "calls", metric_title: "Calls", unit: "number", currency: null, target: null, attainment: null, gap: null, expected: null, pace: null, actual: 41 }),
        quarter({ id: "a3", period: "2026-Q3", period_start: "2026-07-01", period_end: "2026-09-30", attainment: 110 })
    ]);
    const boxes = all(element, "li.slds-box");
    expect(boxes.map((each) => each.querySelector("h3").textContent)).toEqual(["Bookings · 2026-Q4", "Calls · 2026-Q4"]);
    const facts = (box) => [...box.querySelectorAll(".fact")].map((each) => each.textContent);
    // By hand: 150,000 of 200,000 is 75 %; 120,000 expected, so 125 % pace.
    expect(facts(boxes[0])).toEqual(["Actual€150,000", "Target€200,000", "Gap€50,000", "Pace125%"]);
    expect(facts(boxes[1])).toEqual(["Actual41"]);
    const [money, calls] = all(element, "c-attain-gauge");
    expect(money.shadowRoot.querySelector("figure").ariaLabel ?? money.shadowRoot.querySelector("figure").getAttribute("aria-label")).toBe("Bookings · 2026-Q4: 75%, Pace 125%");
    expect(read(calls)).toContain("no target");
    expect(read(all(element, "c-attain-trend")[0])).toContain("2026-Q3: 110%");
});

test("opens and closes the reasons of one number", async () => {
    const element = page();
    await answer("attainMine", [quarter({ explanation: "3 counted" })]);
    find(element, ".why").click();
    await settled();
    expect(read(find(element, "c-attain-why"))).toContain("3 counted");
    expect(find(element, ".why").ariaExpanded ?? find(element, ".why").getAttribute("aria-expanded")).toBe("true");
    find(element, ".why").click();
    await settled();
    expect(find(element, "c-attain-why")).toBeNull();
});

test("is accessible to a screen reader: headings, lists and a picture with words", async () => {
    const element = page();
    await answer("attainMine", [quarter()]);
    expect(find(element, "ul.numbers > li h3")).not.toBeNull();
    const figure = find(element, "c-attain-gauge").shadowRoot.querySelector("figure");
    expect(figure.getAttribute("role")).toBe("img");
    expect(figure.querySelector("svg").getAttribute("aria-hidden")).toBe("true");
});

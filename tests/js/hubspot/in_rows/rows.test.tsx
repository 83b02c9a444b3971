import { Accordion, Alert, DescriptionListItem, EmptyState, ErrorState, Heading, Link, LoadingSpinner, ProgressBar, Select, StatisticsItem, StatusTag, Tab, TableBody, TableCell, TableRow, Text } from "@hubspot/ui-extensions";
import { createRenderer } from "@hubspot/ui-extensions/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DealCard } from "@app/cards/DealCard";
import { Home } from "@app/pages/Pages";
import { among } from "@app/pages/common/search";
import { SettingsPage } from "@app/settings/SettingsPage";
import { ANA as WRITTEN, failed, found, loading, read, searched, words } from "../given";
import { answering, answeringByItself, OBJECT, reached, row, user, type Account, type Properties } from "./given";

const EVIDENCE = { attain_explanation: "7 counted; 1 left out", attain_evidence: WRITTEN.attain_bookings_quarter_evidence };
const ANA = user(11200003, "77", "Ana", "Silva");
const THIS = ["2026-Q4", "2026-12-31"] as const;
const LAST = ["2026-Q3", "2026-09-30"] as const;
const NEXT = ["2027-Q1", "2027-03-31"] as const;
const MINE = row("77", "bookings", ...THIS, { ...reached(87500, 100000, 0.62), ...EVIDENCE, attain_band: "behind" });

beforeEach(() => {
    vi.setSystemTime("2026-11-03T06:00:00Z");
});

afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

function page(location: "pages" | "settings" | "crm.record.tab" = "pages") {
    const renderer = createRenderer(location);
    renderer.mocks.context.user.id = 11200003;
    renderer.mocks.context.user.language = "en";
    renderer.mocks.context.user.locale = "en-us";
    return renderer;
}

/** What the reader is shown of an account: titles of their numbers, and what was reached. */
function shown(account: Account): string[] {
    const { render, findAll } = page();
    answering(account);
    render(<Home />);
    const actual = findAll(StatisticsItem).filter((each) => each.props.label === "Actual");
    return findAll(Heading).map(words).filter((each) => each.includes(" · ")).map((each, at) => `${each}: ${actual[at]?.props.number}`);
}

test("a rep's numbers with why, found by the inner number of their user and then by their id as an owner", () => {
    const { render, find, findAll } = page();
    const asked = answering({ users: [user(11200009, "78", "Ben", "Okafor"), ANA], rows: [MINE, row("78", "bookings", ...THIS, reached(1, 2))] });
    render(<Home />);
    expect(asked.map((each) => [each.objectType, each.filterGroups])).toEqual([
        ["0-115", [{ filters: [{ propertyName: "hs_internal_user_id", operator: "IN", values: ["11200003"] }] }]],
        [
            OBJECT,
            ["attain_person", "attain_manager"].map((propertyName) => ({
                filters: [
                    { propertyName, operator: "EQ", value: "77" },
                    { propertyName: "attain_period_end", operator: "GTE", value: String(Date.UTC(2026, 10, 2)) }
                ]
            }))
        ]
    ]);
    expect(findAll(Tab)).toEqual([]);
    expect(findAll(Heading).map(words)).toContain("Closed-won revenue · 2026-Q4");
    expect(find(StatusTag).text).toBe("behind");
    expect(find(ProgressBar).props).toMatchObject({ value: 87.5, valueDescription: "87.5%", variant: "danger" });
    const facts = findAll(StatisticsItem).map((each) => [each.props.label, each.props.number]);
    expect(facts).toEqual([["Actual", "€87,500"], ["Target", "€100,000"], ["Gap", "€12,500"], ["Pace", "62%"]]);
    expect(findAll(Link).map((each) => each.props.href)).toEqual([
        "https://app.hubspot.com/contacts/123/record/0-3/10101",
        "https://app.hubspot.com/contacts/123/record/0-3/10151"
    ]);
    expect(find(Accordion).findAll(Text).map(words)).toContain("7 counted; 1 left out");
});

test("numbers stand by title, the shortest period first, each in the unit and currency of its record", () => {
    const rate = row("77", "win_rate", ...THIS, reached(0.25, 0.5));
    const month = row("77", "bookings", "2026-P11", "2026-11-30", { ...reached(10, 20), attain_currency: "USD" });
    const year = row("77", "bookings", "2026", "2026-12-31", reached(300, 400));
    expect(shown({ users: [ANA], rows: [year, rate, MINE, month] })).toEqual([
        "Closed-won revenue · 2026-P11: $10",
        "Closed-won revenue · 2026-Q4: €87,500",
        "Closed-won revenue · 2026: €300",
        "Win rate · 2026-Q4: 25%"
    ]);
});

test("a record of last quarter is nobody's number any more", () => {
    const old = row("77", "bookings", ...LAST, reached(5, 10));
    const dropped = row("77", "win_rate", ...LAST, reached(0.1, 0.5));
    expect(shown({ users: [ANA], rows: [old, dropped, MINE] })).toEqual(["Closed-won revenue · 2026-Q4: €87,500"]);
    expect(shown({ users: [ANA], rows: [old, dropped] })).toEqual([]);
});

test("on the day after a quarter its record goes as soon as there is one of the next", () => {
    vi.setSystemTime("2027-01-01T02:00:00Z");
    const rate = row("77", "win_rate", ...THIS, reached(0.1, 0.5));
    expect(shown({ users: [ANA], rows: [MINE, rate] })).toHaveLength(2);
    const next = row("77", "bookings", ...NEXT, reached(0, 120000));
    expect(shown({ users: [ANA], rows: [next, MINE, rate] })).toEqual(["Closed-won revenue · 2027-Q1: €0"]);
    vi.setSystemTime("2027-01-02T02:00:00Z");
    expect(shown({ users: [ANA], rows: [MINE, rate] })).toEqual([]);
});

test("of two calendars, for a while after a change, the period that ends later counts", () => {
    const weeks = row("77", "bookings", "2026-P11", "2026-11-28", reached(1, 2));
    const months = row("77", "bookings", "2026-11", "2026-11-30", reached(3, 4));
    expect(shown({ users: [ANA], rows: [weeks, months] })).toEqual(["Closed-won revenue · 2026-11: €3"]);
});

test.each<[string, Account]>([
    ["no user", { users: [], rows: [MINE] }],
    ["a user who owns nothing", { users: [{ ...ANA, hubspot_owner_id: null }], rows: [MINE] }],
    ["no record", { users: [ANA], rows: [] }],
    ["a record whose numbers were taken out", { users: [ANA], rows: [row("77", "bookings", ...THIS, { attain_reason: "gone" })] }]
])("%s: that there are no numbers is said", (_, account) => {
    const { render, find } = page();
    answering(account);
    render(<Home />);
    expect(find(EmptyState).props.title).toContain("No numbers yet");
});

test("while HubSpot is asked for the user, and then for the records, a spinner turns; a refusal of either is told", () => {
    for (const late of ["0-115", OBJECT]) {
        for (const [answer, state] of [[loading, LoadingSpinner], [failed, ErrorState]] as const) {
            const { render, findAll } = page();
            searched((config) => (config.objectType === late ? answer : found(ANA)));
            render(<Home />);
            expect(findAll<object>(state)).toHaveLength(1);
        }
    }
});

const TEAM = [
    row("78", "bookings", ...THIS, { ...reached(20000, 100000), attain_manager: "77" }),
    row("78", "bookings", ...LAST, { ...reached(1, 100000), attain_manager: "77" }),
    row("79", "bookings", ...THIS, { ...reached(90000, 100000, 1.1), attain_manager: "77" }),
    row("80", "bookings", ...THIS, { attain_actual: "5", attain_manager: "77" }),
    row("81", "bookings", ...THIS, { ...reached(0, 100000), attain_manager: "99" })
];

const cells = (renderer: ReturnType<typeof page>) =>
    renderer.find(TableBody).findAll(TableRow).map((each) => each.findAll(TableCell).map(words));

test("a manager sees who reports to them, widest gap first; whose user they may not see keeps a number", () => {
    const renderer = page();
    const asked = answering({ users: [user(1, "78", "Ben", "Okafor"), user(2, "79", "Cai", "Lin"), ANA], rows: [MINE, ...TEAM] });
    renderer.render(<Home />);
    expect(renderer.findAll(Tab).map((each) => each.props.title)).toEqual(["My numbers", "My team"]);
    expect(asked.at(-1)?.filterGroups?.[0]?.filters[0]).toMatchObject({ propertyName: "hubspot_owner_id", operator: "IN" });
    expect(cells(renderer)).toEqual([
        ["Ben Okafor", "€20,000", "€100,000", "€80,000", "20%", "–"],
        ["Cai Lin", "€90,000", "€100,000", "€10,000", "90%", "110%"],
        ["80", "€5", "no target", "–", "–", "–"]
    ]);
    expect(renderer.find(Select).props.options).toEqual([{ label: "Closed-won revenue · quarter", value: "bookings_quarter" }]);
});

test("a manager without numbers of their own still sees the team", () => {
    const renderer = page();
    answering({ users: [ANA], rows: TEAM });
    renderer.render(<Home />);
    expect(renderer.find(EmptyState).props.title).toContain("No numbers yet");
    expect(cells(renderer)).toHaveLength(3);
});

test("a scorecard is a record by its key, and stands above the numbers", () => {
    const { render, find, findAll } = page();
    const card = row("77", "ae", ...THIS, { ...reached(0.79, 1), attain_metric_title: "Account executive", attain_band: "behind" });
    answering({ users: [ANA], rows: [{ ...card, attain_key: "scorecard:ae:p_77:2026-Q4" }] });
    render(<Home />);
    expect(findAll(Heading).map(words)).toEqual(["Account executive · 2026-Q4"]);
    expect(findAll(Text).map(words)).toContain("79%");
    expect(find(StatusTag).text).toBe("behind");
    expect(findAll(ProgressBar)).toEqual([]);
});

const many = (count: number): Properties[] =>
    Array.from({ length: count }, (_, at) => row(String(1000 + at), "bookings", ...THIS, { ...reached(0, 1000 + at), attain_manager: "77" }));

test("more records than one page: HubSpot's own hook reads them all, each once", async () => {
    const renderer = page();
    const asked = await answeringByItself({ users: [ANA], rows: [MINE, ...many(250)] });
    renderer.render(<Home />);
    await renderer.waitFor(() => expect(renderer.findAll(TableRow)).toHaveLength(251));
    expect(new Set(cells(renderer).map(([name]) => name)).size).toBe(250);
    expect(renderer.find(StatisticsItem).props.number).toBe("€87,500");
    expect(asked.filter((each) => each.objectType === OBJECT)).toHaveLength(3);
});

test("a whole number of pages ends with an empty one", async () => {
    const renderer = page();
    const asked = await answeringByItself({ users: [ANA], rows: many(200) });
    renderer.render(<Home />);
    await renderer.waitFor(() => expect(renderer.findAll(TableRow)).toHaveLength(201));
    expect(asked.filter((each) => each.objectType === OBJECT)).toHaveLength(3);
});

test("reading stops somewhere, and says so", async () => {
    const renderer = page();
    const asked = await answeringByItself({ users: [ANA], rows: many(3100) });
    renderer.render(<Home />);
    await renderer.waitFor(() => expect(renderer.findAll(TableRow)).toHaveLength(3001), { timeoutInMs: 20_000 });
    expect(renderer.findAll(Text).map(words)).toContain("There are more records than this page reads: something may be missing.");
    expect(asked.filter((each) => each.objectType === OBJECT)).toHaveLength(30);
}, 30_000);

test("so many values as HubSpot takes in one filter, and so many groups", () => {
    const ids = Array.from({ length: 620 }, (_, at) => String(at));
    const groups = among("hubspot_owner_id", ids);
    expect(groups.map(([filter]) => filter?.values?.length)).toEqual([100, 100, 100, 100, 100]);
    expect(among("hubspot_owner_id", ids.slice(0, 101)).flatMap(([filter]) => filter?.values)).toEqual(ids.slice(0, 101));
});

test("beside a deal the reader's own numbers are asked for, and nobody else's", () => {
    const { render, find, findAll, mocks } = page("crm.record.tab");
    mocks.useCrmProperties.willCall(() => read({}));
    const asked = answering({ users: [ANA], rows: [MINE, ...TEAM] });
    render(<DealCard />);
    expect(find(ProgressBar).props.valueDescription).toBe("87.5%");
    expect(findAll(Link)).toEqual([]);
    expect(asked.at(-1)?.filterGroups).toHaveLength(1);
});

test("the settings page says whether numbers can be read here, and which object has them", () => {
    const { render, find, findAll } = page("settings");
    answering({ users: [ANA], rows: [MINE] });
    render(<SettingsPage />);
    expect(find(Alert).props).toMatchObject({ variant: "success" });
    expect(find(Alert).text).toBe("Ana Silva");
    const told = Object.fromEntries(findAll(DescriptionListItem).map((each) => [each.props.label, words(each)]));
    expect(told["My numbers"]).toBe("attain_rep_period");
    answering({ users: [ANA], rows: [] });
    render(<SettingsPage />);
    expect(find(Alert).text).toContain("attain doctor");
});

test("whoever has a scorecard and no other numbers is known to the settings page", () => {
    const { render, find } = page("settings");
    const card = row("77", "ae", ...THIS, { ...reached(0.79, 1), attain_key: "scorecard:ae:p_77:2026-Q4" });
    answering({ users: [ANA], rows: [card] });
    render(<SettingsPage />);
    expect(find(Alert).props).toMatchObject({ variant: "success" });
});

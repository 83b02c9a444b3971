import { Accordion, Alert, DescriptionListItem, EmptyState, ErrorState, Link, LoadingSpinner, Select, Tab, TableBody, TableCell, TableRow, Text } from "@hubspot/ui-extensions";
import { createRenderer, type RenderedRootNode } from "@hubspot/ui-extensions/testing";
import { expect, test } from "vitest";
import { Home } from "@app/pages/Pages";
import { SettingsPage } from "@app/settings/SettingsPage";
import { ANA, BEN, failed, found, loading, searched, words } from "./given";

function page(location: "pages" | "settings" = "pages") {
    const renderer = createRenderer(location);
    renderer.mocks.context.user.language = "en";
    renderer.mocks.context.user.locale = "en-us";
    searched(() => found(ANA));
    return renderer;
}

const texts = (node: Pick<RenderedRootNode, "findAll">) => node.findAll(Text).map(words);

test("the page says why: what was counted with a link to each record, and what was left out with its reason", () => {
    const { render, find, findAll } = page();
    render(<Home />);
    expect(find(Accordion).props.title).toBe("Why");
    expect(findAll(Link).map((each) => [each.text, each.props.href])).toEqual([
        ["Blue Ox renewal", "https://app.hubspot.com/contacts/123/record/0-3/10101"],
        ["Red Fox", "https://app.hubspot.com/contacts/123/record/0-3/10151"]
    ]);
    const said = texts(find(Accordion));
    expect(said).toContain("Blue Ox renewal, 2026-10-08, €60,000");
    expect(said).toContain("From another CRM, 2026-10-09, €27,500");
    expect(said).toContain("Red Fox, no close date");
    expect(said).toContain("and 5 more");
    expect(said).toContain("One of these is yours? Open the deal and say so in its Attain card.");
});

test("with evidence that is cut short the explanation still stands", () => {
    const { render, find, findAll, mocks } = page();
    searched(() => found({ ...ANA, attain_bookings_quarter_evidence: '{"counted": [' }));
    render(<Home />);
    expect(texts(find(Accordion))).toEqual(["7 counted; 1 left out"]);
    expect(findAll(Link)).toEqual([]);
});

test("loading, refused, unknown and without numbers: each says so", () => {
    const { render, find, mocks } = page();
    searched(() => loading);
    render(<Home />);
    expect(find(LoadingSpinner).props.label).toBe("Loading");
    searched(() => failed);
    render(<Home />);
    expect(words(find(ErrorState))).toBe("You may not see users");
    for (const nobody of [found(), found({ hs_given_name: "Ana" })]) {
        searched(() => nobody);
        render(<Home />);
        expect(find(EmptyState).props.title).toContain("No numbers yet");
    }
});

test("whoever has no reports sees no team, whatever HubSpot's teams say", () => {
    const { render, findAll, mocks } = page();
    mocks.context.user.teams = [{ id: 1, name: "North", teammates: [2, 3] }];
    render(<Home />);
    expect(findAll(Tab)).toEqual([]);
});

function manager() {
    const renderer = page();
    const asked: string[] = [];
    searched((config) => {
        const filter = config.filterGroups?.[0]?.filters[0];
        asked.push(`${filter?.propertyName} ${filter?.values?.join(",")}`);
        return filter?.propertyName === "hs_object_id" ? found(ANA, BEN) : found({ ...ANA, attain_reports: "3101;3151" });
    });
    return { ...renderer, asked };
}

const rows = (renderer: ReturnType<typeof manager>) =>
    renderer.find(TableBody).findAll(TableRow).map((row) => row.findAll(TableCell).map(words));

test("a manager sees who reports to them, widest gap first", () => {
    const renderer = manager();
    renderer.render(<Home />);
    expect(renderer.findAll(Tab).map((each) => each.props.title)).toEqual(["My numbers", "My team"]);
    expect(renderer.asked).toContain("hs_object_id 3101,3151");
    expect(rows(renderer)).toEqual([
        ["Ben Okafor", "€20,000", "€100,000", "€80,000", "20%", "–"],
        ["Ana Silva", "€87,500", "€100,000", "€12,500", "87.5%", "62%"]
    ]);
    expect(renderer.find(Select).props.options).toHaveLength(1);
});

test("a target of nought and no target differ, and whoever has none comes last", () => {
    const renderer = manager();
    const none = { hs_given_name: "Cai", attain_bookings_quarter_actual: "5" };
    const nought = { hs_given_name: "Dee", attain_bookings_quarter_actual: "5", attain_bookings_quarter_target: "0", attain_bookings_quarter_gap: "-5" };
    searched((config) =>
        config.filterGroups?.[0]?.filters[0]?.propertyName === "hs_object_id" ? found(none, nought) : found({ attain_reports: "1;2;3" })
    );
    renderer.render(<Home />);
    expect(rows(renderer).map((cells) => [cells[0], cells[2]])).toEqual([["Dee", "€0"], ["Cai", "no target"]]);
    expect(texts(renderer.getRootNode())).toContain("Some people are not shown: you may not see their records.");
});

test("the settings page tells an admin whether numbers can be read here, and what is written where", () => {
    const { render, find, findAll, mocks } = page("settings");
    render(<SettingsPage />);
    expect(find(Alert).props).toMatchObject({ variant: "success" });
    expect(find(Alert).text).toBe("Ana Silva");
    const told = Object.fromEntries(findAll(DescriptionListItem).map((each) => [each.props.label, words(each)]));
    expect(told["Deal health"]).toContain("attain_health_reasons");
    expect(told["Notes"]).toContain("attain_note_text");
    searched(() => found());
    render(<SettingsPage />);
    expect(find(Alert).props).toMatchObject({ variant: "warning" });
    expect(find(Alert).text).toContain("attain doctor");
});

test("whoever has a scorecard and no other numbers is known to the settings page", () => {
    const { render, find } = page("settings");
    searched(() => found({ hs_given_name: "Cai", attain_account_executive_quarter_score: "0.79" }));
    render(<SettingsPage />);
    expect(find(Alert).props).toMatchObject({ variant: "success" });
    expect(find(Alert).text).toBe("Cai");
});

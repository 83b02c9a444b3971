import { Accordion, Alert, EmptyState, ErrorState, Link, List, LoadingSpinner, ProgressBar, ScoreCircle, StatisticsItem, StatusTag, Text } from "@hubspot/ui-extensions";
import { CrmPropertyList } from "@hubspot/ui-extensions/crm";
import { createRenderer } from "@hubspot/ui-extensions/testing";
import { expect, test } from "vitest";
import { CompanyCard } from "@app/cards/CompanyCard";
import { DealCard } from "@app/cards/DealCard";
import { ANA, failed, found, loading, read, searched, words } from "./given";

const HEALTHY = {
    attain_health: "72",
    attain_health_band: "healthy",
    attain_health_reasons: "active this week; decision maker met",
    attain_next_step: "Send the order form"
};

function card() {
    const renderer = createRenderer("crm.record.tab");
    renderer.mocks.context.user.language = "en";
    renderer.mocks.context.user.locale = "en-us";
    renderer.mocks.useCrmProperties.willCall(() => read(HEALTHY));
    searched(() => found(ANA));
    return renderer;
}

test("a deal shows its health with every reason and the next step", () => {
    const { render, find, findAll } = card();
    render(<DealCard />);
    expect(find(ScoreCircle).props.score).toBe(72);
    expect(find(StatusTag).text).toBe("healthy");
    expect(find(List).findAll(Text).map(words)).toEqual(["active this week", "decision maker met"]);
    expect(findAll(Text).map(words)).toContain("Send the order form");
});

test("a score is held between 0 and 100, as its circle wants it", () => {
    const { render, find, mocks } = card();
    mocks.useCrmProperties.willCall(() => read({ ...HEALTHY, attain_health: "104.6" }));
    render(<DealCard />);
    expect(find(ScoreCircle).props.score).toBe(100);
});

test("a deal that no rule judges says so, and nought is a judgement", () => {
    const { render, find, maybeFind, mocks } = card();
    mocks.useCrmProperties.willCall(() => read({}));
    render(<DealCard />);
    expect(maybeFind(ScoreCircle)).toBeNull();
    expect(find(EmptyState).props.title).toContain("not judged");
    mocks.useCrmProperties.willCall(() => read({ attain_health: "0" }));
    render(<DealCard />);
    expect(find(ScoreCircle).props.score).toBe(0);
});

test("while HubSpot is asked a spinner turns, and a refusal is told in its words", () => {
    const { render, findAll, mocks } = card();
    mocks.useCrmProperties.willCall(() => ({ ...read({}), isLoading: true }));
    searched(() => loading);
    render(<DealCard />);
    expect(findAll(LoadingSpinner).length).toBe(2);
    mocks.useCrmProperties.willCall(() => ({ ...read({}), error: new Error("no such property") }));
    searched(() => failed);
    render(<DealCard />);
    expect(findAll(ErrorState).map(words)).toEqual(["no such property", "You may not see users"]);
});

test("the reader's own numbers stand beside the deal, found by the inner number of their user", () => {
    const { render, find, findAll, mocks } = card();
    mocks.context.user.id = 11200003;
    const asked: unknown[] = [];
    searched((config) => {
        asked.push(config);
        return found(ANA);
    });
    render(<DealCard />);
    expect(asked[0]).toMatchObject({
        objectType: "0-115",
        filterGroups: [{ filters: [{ propertyName: "hs_internal_user_id", operator: "IN", values: ["11200003"] }] }]
    });
    expect(find(ProgressBar).props).toMatchObject({ value: 87.5, valueDescription: "87.5%", variant: "danger" });
    const facts = findAll(StatisticsItem).map((each) => [each.props.label, each.props.number]);
    expect(facts).toEqual([["Actual", "€87,500"], ["Target", "€100,000"], ["Gap", "€12,500"], ["Pace", "62%"]]);
});

test("beside a deal the records behind a number are left to the app's page", () => {
    const { render, findAll } = card();
    render(<DealCard />);
    expect(findAll(Link)).toEqual([]);
    expect(findAll(Accordion).map((each) => each.props.title)).toEqual(["Say something about it"]);
});

test("a note is typed into the deal's own properties, and its answer is shown", () => {
    const { render, find, findAll, mocks } = card();
    render(<DealCard />);
    expect(find(CrmPropertyList).props.properties).toEqual([
        "attain_note_kind",
        "attain_note_metric",
        "attain_note_period",
        "attain_note_text"
    ]);
    expect(findAll(Alert)).toEqual([]);
    const note = { attain_note_text: "This is mine", attain_note_answer: null as string | null };
    mocks.useCrmProperties.willCall(() => read({ ...HEALTHY, ...note }));
    render(<DealCard />);
    expect(findAll(Text).map(words)).toContain("not answered yet");
    mocks.useCrmProperties.willCall(() => read({ ...HEALTHY, ...note, attain_note_answer: "Split 50/50" }));
    render(<DealCard />);
    expect(find(Alert).text).toBe("Split 50/50");
    expect(findAll(Text).map(words)).not.toContain("not answered yet");
});

test("Chinese readers read Chinese", () => {
    const { render, findAll, mocks } = card();
    mocks.context.user.language = "zh-cn";
    mocks.useCrmProperties.willCall(() => read({}));
    searched(() => found());
    render(<DealCard />);
    expect(findAll(EmptyState).map((each) => each.props.title)).toEqual([
        "此记录未被评估：没有适用的规则，或已关闭。",
        "暂无数据。Attain 下次运行后将显示。"
    ]);
});

test("a company of which the mapping shows nothing but what is retained shows that", () => {
    const { render, find, findAll, maybeFind, mocks } = card();
    mocks.useCrmProperties.willCall(() => read({ attain_retention: "0.93" }));
    render(<CompanyCard />);
    expect(maybeFind(EmptyState)).toBeNull();
    expect(findAll(Text).map(words)).toContain("Retention: 93%");
    expect(maybeFind(ScoreCircle)).toBeNull();
    mocks.useCrmProperties.willCall(() => read({}));
    render(<CompanyCard />);
    expect(find(EmptyState).props.title).toContain("not judged");
});

test("a company shows what is retained, and asks for nothing else", () => {
    const { render, findAll, mocks } = card();
    const asked: string[][] = [];
    mocks.useCrmProperties.willCall((names) => {
        asked.push(names);
        return read({ ...HEALTHY, attain_retention: "1.08" });
    });
    render(<CompanyCard />);
    expect(findAll(Text).map(words)).toContain("Retention: 108%");
    expect(asked).toEqual([
        ["attain_health", "attain_health_band", "attain_health_reasons", "attain_retention"]
    ]);
});

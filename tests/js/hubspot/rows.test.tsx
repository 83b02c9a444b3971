import { expect, test } from "vitest";
import { evidenceOf, filled, localeOf, numberOf, percent, said, standings } from "@app/cards/common/rows";
import { NUMBERS } from "@app/cards/common/schema";
import { ANA } from "./given";

test("none is not zero: empty, null and words are no numbers, nought is one", () => {
    expect([null, undefined, "", "  ", "n/a"].map(numberOf)).toEqual([null, null, null, null, null]);
    expect(numberOf("0")).toBe(0);
    expect(numberOf("0.40000000000000002220446049250313080847263336181640625")).toBeCloseTo(0.4);
});

test("only numbers that the record says anything of are there, by our names", () => {
    const [one, ...more] = standings(ANA, NUMBERS);
    expect(more).toEqual([]);
    expect(one).toMatchObject({ actual: 87500, target: 100000, attainment: 0.875, pace: 0.62, rank: null, period: "2026-Q4" });
});

test("amounts are said in their unit and in the reader's way", () => {
    expect(said(87500, "money", "EUR", "en-IE")).toBe("€87,500");
    expect(said(87500, "money", "EUR", "zh-CN")).toBe("€87,500");
    expect(said(0.255, "ratio", "EUR", "en")).toBe("25.5%");
    expect(said(12.345, "number", "EUR", "en")).toBe("12.35");
    expect(said(null, "money", "EUR", "en")).toBe("–");
    expect(percent(null)).toBe("–");
});

test("what cannot be read as evidence is none", () => {
    expect(evidenceOf('{"counted": [')).toBeNull();
    expect(evidenceOf("[]")).toBeNull();
    expect(evidenceOf(null)).toBeNull();
    expect(evidenceOf('{"counted": [], "left_out": []}')).toEqual({ counted: [], left_out: [], more: 0, unseen: 0 });
});

test("HubSpot's ways to write a language are understood, and nonsense does no harm", () => {
    expect(["zh_cn", "en-us", undefined, "not a locale"].map(localeOf)).toEqual(["zh-CN", "en-US", undefined, undefined]);
    expect(filled("and {0} more", 3)).toBe("and 3 more");
});

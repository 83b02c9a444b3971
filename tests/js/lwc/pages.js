// What every test needs: a component on the page, an answer of the wire, and what is to be read.
import { createElement } from "lwc";
import { graphql } from "lightning/graphql";

export const ANA = "005000000000002AAA";
export const BEN = "005000000000003AAA";

export function shown(name, type, properties = {}) {
    const element = createElement(name, { is: type });
    Object.assign(element, properties);
    document.body.appendChild(element);
    return element;
}

/** Answers the query whose text names `query`, with nodes of {alias: value}. */
export async function answer(query, rows) {
    await settled();
    const edges = rows.map(({ id, who, ...fields }) => {
        const node = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { value }]));
        return { node: { ...node, Id: id, who: who === undefined ? undefined : { Name: { value: who } } } };
    });
    graphql.emit({ uiapi: { query: { rows: { edges } } } }, (config) => config.query?.includes(`query ${query}(`));
    await settled();
}

export async function refuse(query, message) {
    await settled();
    graphql.emitErrors([{ message }], (config) => config.query?.includes(`query ${query}(`));
    await settled();
}

export async function settled() {
    for (let at = 0; at < 5; at += 1) {
        await Promise.resolve();
    }
}

/** Everything that is to be read in an element, its children included. */
export function read(element) {
    const root = element.shadowRoot ?? element;
    const own = [...root.querySelectorAll("*")].filter((each) => each.shadowRoot);
    return [root.textContent, ...own.map(read)].join(" ").replace(/\s+/g, " ");
}

export function find(element, selector) {
    return element.shadowRoot.querySelector(selector);
}

export function all(element, selector) {
    return [...element.shadowRoot.querySelectorAll(selector)];
}

export function quarter(more) {
    return {
        id: "a00000000000001AAA",
        person: ANA,
        metric: "bookings",
        metric_title: "Bookings",
        period: "2026-Q4",
        period_start: "2026-10-01",
        period_end: "2026-12-31",
        target: 200000,
        actual: 150000,
        attainment: 75,
        gap: 50000,
        expected: 120000,
        pace: 125,
        unit: "money",
        currency: "EUR",
        ...more
    };
}

// What the GraphQL wire answers, as plain rows; and how numbers are said.
import LOCALE from "@salesforce/i18n/locale";

// Longest last: a month is nearer than a year.
const GRAINS = [
    ["week", /^\d{4}-W\d+$/],
    ["month", /^\d{4}-\d\d$/],
    ["quarter", /^\d{4}-Q\d$/],
    ["half", /^\d{4}-H\d$/],
    ["year", /^\d{4}$/]
];

/** Each record with our names for its fields; `who` is a person's name, `id` the record's. Empty before an answer. */
export function rowsOf(data) {
    const edges = data?.uiapi?.query?.rows?.edges ?? [];
    return edges.map(({ node }) => {
        const row = {};
        for (const [name, field] of Object.entries(node)) {
            row[name] = field !== null && typeof field === "object" && "value" in field ? field.value : field;
        }
        return { ...row, id: node.Id, who: node.who?.Name?.value };
    });
}

/** One sentence for whatever a wire or a save went wrong with; undefined where nothing did. */
export function problemOf(failure) {
    if (!failure || (Array.isArray(failure) && failure.length === 0)) {
        return undefined;
    }
    const parts = Array.isArray(failure) ? failure : [failure];
    const fields = (each) => Object.values(each.body?.output?.fieldErrors ?? {}).flat();
    const said = parts.flatMap((each) => [
        ...(each.body?.output?.errors ?? []).map((one) => one.message),
        ...fields(each).map((one) => one.message)
    ]);
    return said.length ? said.join("; ") : parts.map((each) => each.body?.message ?? each.message ?? String(each)).join("; ");
}

/** Today where the reader sits, as 2026-11-29. */
export function today() {
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The kind of period that an id names. */
export function grainOf(period) {
    return GRAINS.find(([, shape]) => shape.test(period ?? ""))?.[0] ?? "other";
}

/** The rows of periods that run today: metric by metric, the shorter period first. */
export function running(rows, day) {
    const order = GRAINS.map(([name]) => name);
    const place = (row) => order.indexOf(grainOf(row.period));
    return rows
        .filter((row) => row.period_start <= day && day <= row.period_end)
        .sort((one, other) => nameOf(one).localeCompare(nameOf(other)) || place(one) - place(other));
}

/** The periods before a row's, of its kind, oldest first; at most six. */
export function earlier(rows, row) {
    return rows
        .filter((each) => each.metric === row.metric && grainOf(each.period) === grainOf(row.period))
        .filter((each) => each.period_start < row.period_start && isNumber(each.attainment))
        .sort((one, other) => one.period_start.localeCompare(other.period_start))
        .slice(-6);
}

/** What a metric is called. */
export function nameOf(row) {
    return row.metric_title ?? row.metric ?? "";
}

/** An amount in the row's own unit; a dash where there is none: none is not zero. */
export function said(value, row) {
    if (!isNumber(value)) {
        return "–";
    }
    if (row.unit === "ratio") {
        return percent(value * 100);
    }
    const money = row.currency ? { style: "currency", currency: row.currency, maximumFractionDigits: 0 } : {};
    return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2, ...money }).format(value);
}

/** 87.5 as 87.5 %. */
export function percent(value) {
    if (!isNumber(value)) {
        return "–";
    }
    return new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 }).format(value / 100);
}

/** "and {0} more", filled in. */
export function filled(text, ...words) {
    return text.replace(/\{(\d)\}/g, (_, at) => words[Number(at)]);
}

export function isNumber(value) {
    return typeof value === "number" && Number.isFinite(value);
}

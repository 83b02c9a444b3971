// An account that keeps people's numbers in an object of our own: its records, and a search over them.
import { useCrmSearch } from "@hubspot/ui-extensions";
import { vi } from "vitest";
import { found, searched } from "../given";

export type Properties = Record<string, string | null>;
type Asked = Parameters<typeof useCrmSearch>[0];
type Filters = NonNullable<Asked["filterGroups"]>[number]["filters"];

export const OBJECT = "p123_attain_rep_period";

/** Somebody among HubSpot's users: an inner number, an owner's id and a name. */
export function user(inner: number, owner: string, given: string, family: string): Properties {
    return { hs_internal_user_id: String(inner), hubspot_owner_id: owner, hs_given_name: given, hs_family_name: family };
}

/** A record of our own, as the shipped mapping has it. */
export function row(owner: string, metric: string, period: string, end: string, more: Properties = {}): Properties {
    return {
        attain_key: `attainment:${metric}:p_${owner}:${period}`,
        attain_person: owner,
        hubspot_owner_id: owner,
        attain_metric: metric,
        attain_metric_title: metric === "bookings" ? "Closed-won revenue" : "Win rate",
        attain_unit: metric === "bookings" ? "money" : "ratio",
        attain_currency: metric === "bookings" ? "EUR" : null,
        attain_period: period,
        attain_period_end: end,
        ...more
    };
}

/** The numbers of a record: what was reached, of what. */
export function reached(actual: number, target: number, pace: number | null = null): Properties {
    return {
        attain_actual: String(actual),
        attain_target: String(target),
        attain_gap: String(target - actual),
        attain_attainment: String(actual / target),
        attain_pace: pace === null ? null : String(pace)
    };
}

export interface Account {
    readonly users: readonly Properties[];
    readonly rows: readonly Properties[];
}

/** One page of what HubSpot's search endpoint would find; ids rise in the order given. */
export function page({ users, rows }: Account, asked: Asked): { objectId: number; properties: Properties }[] {
    const [records, first] = asked.objectType === OBJECT ? [rows, 70001] : asked.objectType === "0-115" ? [users, 3051] : [[], 0];
    const all = records.map((properties, at) => ({ objectId: first + at, properties: { ...properties, hs_object_id: String(first + at) } }));
    const met = all.filter((each) => (asked.filterGroups ?? []).some(({ filters }) => meets(each.properties, filters)));
    if (asked.sorts?.[0]?.propertyName === "hs_object_id" && asked.sorts[0].direction === "DESCENDING") {
        met.reverse();
    }
    const kept = met.slice(0, asked.pageLength ?? 10);
    return kept.map(({ objectId, properties }) => ({
        objectId,
        properties: Object.fromEntries((asked.properties ?? []).map((name) => [name, properties[name] ?? null]))
    }));
}

function meets(properties: Properties, filters: Filters): boolean {
    return filters.every(({ propertyName, operator, value, values }) => {
        const held = properties[propertyName];
        if (!held) {
            return false;
        }
        const number = propertyName.endsWith("_end") ? Date.parse(held) : Number(held);
        switch (operator) {
            case "EQ":
                return held === value;
            case "IN":
                return values?.includes(held) ?? false;
            case "GTE":
                return number >= Number(value);
            case "LT":
                return number < Number(value);
        }
        throw new Error(`no such operator here: ${operator}`);
    });
}

/** The account answers from now on; what it was asked is kept. */
export function answering(account: Account): Asked[] {
    const asked: Asked[] = [];
    searched((config) => {
        asked.push(config);
        const results = page(account, config);
        return { ...found(), results, total: results.length };
    });
    return asked;
}

/** The same through HubSpot's own hook, which asks its worker and is answered later. */
export async function answeringByItself(account: Account): Promise<Asked[]> {
    const asked: Asked[] = [];
    const real = await vi.importActual<typeof import("@hubspot/ui-extensions")>("@hubspot/ui-extensions");
    vi.mocked(useCrmSearch).mockImplementation(real.useCrmSearch);
    const fetchCrmSearch = async (request: Asked) => {
        asked.push(request);
        const results = page(account, request);
        const more = results.length === request.pageLength;
        return { json: async () => ({ data: { results, total: results.length, hasMore: more, after: "1" } }) };
    };
    vi.stubGlobal("self", { __HUBSPOT_EXTENSION_WORKER__: true, hsWorkerAPI: { fetchCrmSearch } });
    return asked;
}

// What HubSpot answers in these tests: a person's record with numbers, and what it says before and instead of them.
import { useCrmSearch } from "@hubspot/ui-extensions";
import { RenderedNodeType, type RenderedNode } from "@hubspot/ui-extensions/testing";
import { vi } from "vitest";

type Search = ReturnType<typeof useCrmSearch>;

/** What searches for people answer from now on. */
export function searched(answer: (config: Parameters<typeof useCrmSearch>[0]) => Search): void {
    vi.mocked(useCrmSearch).mockImplementation(answer);
}

/** All words below a node, as a reader sees them. */
export function words(node: RenderedNode): string {
    if (node.nodeType === RenderedNodeType.Text) {
        return node.text;
    }
    return node.childNodes.map(words).join("");
}

const pagination = {
    hasNextPage: false,
    hasPreviousPage: false,
    currentPage: 1,
    pageSize: 100,
    nextPage: () => {},
    previousPage: () => {},
    reset: () => {}
};

export function found(...people: Record<string, string | null>[]): Search {
    const results = people.map((properties, at) => ({ objectId: 3051 + at, properties }));
    return {
        results,
        total: results.length,
        error: null,
        isLoading: false,
        isRefetching: false,
        pagination,
        refetch: async () => {}
    };
}

export const loading: Search = { ...found(), isLoading: true };
export const failed: Search = { ...found(), error: new Error("You may not see users") };

export const read = (properties: Record<string, string | null>) => ({
    properties,
    error: null,
    isLoading: false,
    isRefetching: false,
    refetch: async () => {}
});

export const ANA = {
    hs_given_name: "Ana",
    hs_family_name: "Silva",
    hs_email: "ana@example.com",
    attain_bookings_quarter_actual: "87500",
    attain_bookings_quarter_target: "100000",
    attain_bookings_quarter_gap: "12500",
    attain_bookings_quarter_attainment: "0.875",
    attain_bookings_quarter_pace: "0.62",
    attain_bookings_quarter_band: "behind",
    attain_bookings_quarter_period: "2026-Q4",
    attain_bookings_quarter_explanation: "7 counted; 1 left out",
    attain_bookings_quarter_evidence: JSON.stringify({
        counted: [
            { id: "10101", of: "deals", name: "Blue Ox renewal", on: "2026-10-08", credit: 60000 },
            { id: null, name: "From another CRM", on: "2026-10-09", credit: 27500 }
        ],
        left_out: [{ id: "10151", of: "deals", name: "Red Fox", reason: "no close date" }],
        more: 5,
        unseen: 0
    })
};

export const BEN = {
    hs_given_name: "Ben",
    hs_family_name: "Okafor",
    attain_bookings_quarter_actual: "20000",
    attain_bookings_quarter_target: "100000",
    attain_bookings_quarter_gap: "80000",
    attain_bookings_quarter_attainment: "0.2"
};

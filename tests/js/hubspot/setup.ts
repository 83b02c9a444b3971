// In a browser HubSpot takes the root over, and answers searches; here each test renders by itself and answers.
import { vi } from "vitest";

vi.mock("@hubspot/ui-extensions", async (original) => ({
    ...(await original<typeof import("@hubspot/ui-extensions")>()),
    hubspot: { extend: vi.fn(), fetch: vi.fn(() => Promise.reject(new Error("nobody answers here"))) },
    useCrmSearch: vi.fn() // the renderer's own mock of it is not wired in 0.17.0
}));

import { Heading, Tab } from "@hubspot/ui-extensions";
import { createRenderer } from "@hubspot/ui-extensions/testing";
import { expect, test, vi } from "vitest";
import { Home } from "@app/pages/Pages";
import { words } from "../given";
import { answering, reached, row, user } from "./given";

// A mapping that keeps neither the period's last day nor the manager.
vi.mock("@app/pages/common/schema", async (original) => {
    const schema = await original<typeof import("@app/pages/common/schema")>();
    return { ...schema, ROWS: { ...schema.ROWS, ends: null, manager: null } };
});

test("without the last day of a period the newest of each kind counts, and without the manager there is no team", () => {
    const renderer = createRenderer("pages");
    renderer.mocks.context.user.id = 11200003;
    const numbers = reached(1, 2);
    const asked = answering({
        users: [user(11200003, "77", "Ana", "Silva")],
        rows: [
            row("77", "bookings", "2026-Q4", "2026-12-31", numbers),
            row("77", "bookings", "2026-Q3", "2026-09-30", numbers),
            row("77", "win_rate", "2026-Q3", "2026-09-30", numbers),
            row("77", "bookings", "2026-12", "2026-12-31", numbers),
            row("77", "bookings", "2026-11", "2026-11-30", numbers),
            row("78", "bookings", "2026-Q4", "2026-12-31", { ...numbers, attain_manager: "77" })
        ]
    });
    renderer.render(<Home />);
    expect(renderer.findAll(Heading).map(words).filter((each) => each.includes(" · "))).toEqual([
        "Closed-won revenue · 2026-12",
        "Closed-won revenue · 2026-Q4"
    ]);
    expect(renderer.findAll(Tab)).toEqual([]);
    expect(asked.at(-1)?.filterGroups).toEqual([{ filters: [{ propertyName: "attain_person", operator: "EQ", value: "77" }] }]);
});

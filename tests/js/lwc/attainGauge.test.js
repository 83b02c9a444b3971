import AttainGauge from "c/attainGauge";
import { settled, shown } from "./pages";

async function gauge(value, expected) {
    const element = shown("c-attain-gauge", AttainGauge, { label: "Bookings", value, expected });
    await settled();
    return element.shadowRoot;
}

// The dial is a half circle of radius 50 round (60, 60) that ends at 150 %: half of it, the top, is 75 %.
test.each([
    [75, "60.00 10.00"],
    [150, "110.00 60.00"],
    [400, "110.00 60.00"],
    [-10, "10.00 60.00"]
])("%s %% points to %s", async (value, end) => {
    expect((await gauge(value)).querySelector(".arc").getAttribute("d")).toMatch(new RegExp(`${end}$`));
});

test.each([
    [60, 50, "arc ahead"],
    [45, 50, "arc near"],
    [39, 50, "arc behind"],
    [99, undefined, "arc near"]
])("%s %% where a steady pace has %s is %s", async (value, expected, look) => {
    expect((await gauge(value, expected)).querySelector(".arc").getAttribute("class")).toBe(look);
});

test("without a target there is no arc, and the words say so", async () => {
    const root = await gauge(undefined, undefined);
    expect(root.querySelector(".arc")).toBeNull();
    expect(root.querySelector("figure").getAttribute("aria-label")).toBe("Bookings: no target");
});

import { Alert, Button, Select, Text, TextArea, hubspot } from "@hubspot/ui-extensions";
import { createRenderer } from "@hubspot/ui-extensions/testing";
import { expect, test, vi } from "vitest";
import { PageNote } from "@app/pages/PageNote";
import { standings } from "@app/pages/common/rows";
import { NUMBERS } from "@app/pages/common/schema";
import { WORDS } from "@app/pages/common/words";
import { ANA, found, searched, words } from "./given";

const DOOR = "https://attain.example.com/hints/smb/notes";
const PLACE = { url: DOOR, text: "attain_note_text", answer: "attain_note_answer" };
const READER = { userId: 11200003, portalId: 123, locale: "en-US", words: WORDS.en };

function form(record: Record<string, string | null> = {}) {
    const renderer = createRenderer("pages");
    const asked: unknown[] = [];
    searched((config) => {
        asked.push(config);
        return found(record);
    });
    renderer.render(<PageNote place={PLACE} standings={standings(ANA, NUMBERS)} reader={READER} />);
    const select = (label: string) => renderer.findAll(Select).find((each) => each.props.label === label);
    const choose = (label: string, value: string) => select(label)?.trigger("onChange", value as never);
    const write = (text: string) => renderer.find(TextArea).trigger("onChange", text as never);
    const send = async () => {
        renderer.find(Button).trigger("onClick");
        await renderer.waitFor(() => expect(renderer.findAll(Alert)).not.toEqual([]));
    };
    const told = () => renderer.findAll(Alert).map((each) => [each.props.variant, each.props.title]);
    return { ...renderer, asked, select, choose, write, send, told };
}

const answers = (status: number) => vi.mocked(hubspot.fetch).mockResolvedValue({ status } as Response);

test("a dispute goes to the door with its number, its period and its deal, and the form is empty again", async () => {
    answers(200);
    const { find, select, choose, write, send, told } = form();
    expect(select("Deal")).toBeUndefined();
    choose("What it is", "dispute");
    choose("Metric", "bookings_quarter");
    expect(select("Deal")?.props.options).toEqual([
        { value: "10151", label: "Red Fox" },
        { value: "10101", label: "Blue Ox renewal" }
    ]);
    choose("Deal", "10151");
    write("  I closed this one ");
    await send();
    expect(vi.mocked(hubspot.fetch).mock.calls).toEqual([
        [
            DOOR,
            {
                method: "POST",
                timeout: 10_000,
                body: {
                    kind: "dispute",
                    text: "I closed this one",
                    metric: "bookings",
                    period: "2026-Q4",
                    deal: "10151"
                }
            }
        ]
    ]);
    expect(told()).toEqual([["success", "Sent. The answer will stand here."]]);
    expect(find(TextArea).props.value).toBe("");
});

test("feedback about everything names no number and no deal", async () => {
    answers(200);
    const { choose, write, send } = form();
    choose("What it is", "dispute");
    choose("Deal", "10151");
    choose("What it is", "feedback");
    write("the territory was cut in half");
    await send();
    expect(vi.mocked(hubspot.fetch).mock.lastCall?.[1]?.body).toEqual({
        kind: "feedback",
        text: "the territory was cut in half"
    });
});

test("whatever was not taken stays in the form, and says why", async () => {
    const { find, write, send, told } = form();
    write("hello");
    const said: unknown[] = [];
    for (const status of [409, 403, 503]) {
        answers(status);
        await send();
        await vi.waitFor(() => expect(told()).toHaveLength(1));
        said.push(told()[0]?.[1]);
        expect(find(TextArea).props.value).toBe("hello");
        write("hello");
    }
    vi.mocked(hubspot.fetch).mockRejectedValue(new Error("timed out"));
    await send();
    expect([...said, told()[0]?.[1]]).toEqual([
        "Your earlier note is still on its way. Send this one in a few minutes.",
        "Attain does not know your login, or it has no record to note this on. Tell your admin.",
        "Not sent: 503",
        "Not sent: timed out"
    ]);
});

test("an empty note is not sent", async () => {
    const { write, send, told } = form();
    write("   ");
    await send();
    expect(told()).toEqual([["danger", "Write a few words first."]]);
    expect(vi.mocked(hubspot.fetch)).not.toHaveBeenCalled();
});

test("the last note stands above the form, with its answer once there is one", () => {
    const waiting = form({ attain_note_text: "this one is mine" });
    const texts = (node: typeof waiting) => node.findAll(Text).map(words);
    expect(texts(waiting)).toEqual(["Your last note: this one is mine", "not answered yet"]);
    expect(waiting.asked).toContainEqual({
        objectType: "0-115",
        properties: ["attain_note_text", "attain_note_answer"],
        filterGroups: [{ filters: [{ propertyName: "hs_internal_user_id", operator: "EQ", value: "11200003" }] }],
        pageLength: 1
    });
    const answered = form({ attain_note_text: "this one is mine", attain_note_answer: "yes, it is" });
    expect(answered.findAll(Alert).map(words)).toEqual(["yes, it is"]);
});

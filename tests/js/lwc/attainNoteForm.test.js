import AttainNoteForm from "c/attainNoteForm";
import { createRecord } from "lightning/uiRecordApi";
import { find, settled, shown } from "./pages";

async function written(text) {
    const element = shown("c-attain-note-form", AttainNoteForm, { about: { person: "005", metric: undefined } });
    find(element, "lightning-textarea").dispatchEvent(new CustomEvent("change", { detail: { value: text } }));
    find(element, ".send").click();
    await settled();
    return element;
}

test("nothing is sent without words", async () => {
    const element = await written("  ");
    expect(createRecord).not.toHaveBeenCalled();
    expect(find(element, "[role=alert]").textContent).toBe("Write a few words first.");
});

test("a refusal is told with Salesforce's own words, and the text stays", async () => {
    createRecord.mockRejectedValue({ body: { message: "x", output: { errors: [{ message: "No access to Attain_Note__c" }], fieldErrors: { Text__c: [{ message: "too long" }] } } } });
    const element = await written("Too high");
    expect(find(element, "[role=alert]").textContent).toBe("Not sent: No access to Attain_Note__c; too long");
    expect(find(element, "lightning-textarea").value).toBe("Too high");
    expect(find(element, ".send").disabled).toBe(false);
});

test("what is not known is not sent", async () => {
    createRecord.mockResolvedValue({});
    await written("Too high");
    expect(createRecord.mock.calls[0][0].fields).toEqual({ Person__c: "005", Kind__c: "feedback", Text__c: "Too high" });
});

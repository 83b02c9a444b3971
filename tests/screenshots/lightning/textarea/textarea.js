import { LightningElement, api } from "lwc";
export default class Textarea extends LightningElement {
    @api label;
    @api value;
    @api maxLength;
    @api disabled = false;
    write(event) {
        event.stopPropagation();
        this.dispatchEvent(new CustomEvent("change", { detail: { value: event.target.value } }));
    }
}

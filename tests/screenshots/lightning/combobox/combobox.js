import { LightningElement, api } from "lwc";
export default class Combobox extends LightningElement {
    @api label;
    @api value;
    @api options = [];
    get choices() {
        return this.options.map((each) => ({ ...each, chosen: each.value === this.value }));
    }
    choose(event) {
        this.dispatchEvent(new CustomEvent("change", { detail: { value: event.target.value } }));
    }
}

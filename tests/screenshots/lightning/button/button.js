import { LightningElement, api } from "lwc";
const LOOKS = { brand: "slds-button slds-button_brand", base: "slds-button" };
export default class Button extends LightningElement {
    @api label;
    @api variant;
    @api disabled = false;
    get look() {
        return LOOKS[this.variant] ?? "slds-button slds-button_neutral";
    }
}

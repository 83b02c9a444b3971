import { LightningElement, api } from "lwc";
import { NavigationMixin } from "lightning/navigation";

/** A record's name that leads to it; plain text where it is no record of this org. */
export default class AttainRecordLink extends NavigationMixin(LightningElement) {
    @api recordId;
    @api name;
    url;

    connectedCallback() {
        if (this.recordId) {
            this[NavigationMixin.GenerateUrl](this.page).then((url) => {
                this.url = url;
            });
        }
    }

    get page() {
        return { type: "standard__recordPage", attributes: { recordId: this.recordId, actionName: "view" } };
    }

    open(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](this.page);
    }
}

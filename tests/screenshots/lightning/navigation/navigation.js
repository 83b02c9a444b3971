const Navigate = Symbol("Navigate");
const GenerateUrl = Symbol("GenerateUrl");
export const NavigationMixin = (Base) =>
    class extends Base {
        [Navigate]() {}
        [GenerateUrl](page) {
            return Promise.resolve(`#${page.attributes.recordId}`);
        }
    };
NavigationMixin.Navigate = Navigate;
NavigationMixin.GenerateUrl = GenerateUrl;

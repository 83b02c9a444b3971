import "@lwc/synthetic-shadow";
import { createElement } from "lwc";
import AttainAccountHealth from "c/attainAccountHealth";
import AttainDealHealth from "c/attainDealHealth";
import AttainMyNumbers from "c/attainMyNumbers";
import AttainTeam from "c/attainTeam";

const COMPONENTS = {
    "c-attain-my-numbers": AttainMyNumbers,
    "c-attain-team": AttainTeam,
    "c-attain-deal-health": AttainDealHealth,
    "c-attain-account-health": AttainAccountHealth
};

const { component, clicks = [] } = globalThis.SCENE;
const element = createElement(component, { is: COMPONENTS[component] });
element.recordId = "006000000000001AAA";
document.querySelector("main").appendChild(element);

// What a reader clicks on, one after the other, each once the page has settled.
clicks.reduce(
    (before, selector) =>
        before.then(() => {
            const inside = selector.split(" >>> ").reduce((at, each) => at.shadowRoot.querySelector(each), element);
            inside.click();
            return new Promise((resolve) => setTimeout(resolve, 50));
        }),
    new Promise((resolve) => setTimeout(resolve, 100))
);

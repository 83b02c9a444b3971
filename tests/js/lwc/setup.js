jest.mock("@salesforce/i18n/locale", () => ({ default: "en-US" }), { virtual: true });
jest.mock("@salesforce/user/Id", () => ({ default: "005000000000001AAA" }), { virtual: true });

afterEach(() => {
    while (document.body.firstChild) {
        document.body.removeChild(document.body.firstChild);
    }
    jest.clearAllMocks();
    jest.useRealTimers();
});

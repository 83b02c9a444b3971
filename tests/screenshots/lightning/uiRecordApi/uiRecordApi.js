export const getFieldValue = (record, field) => record?.fields[field.split(".")[1]];
export const createRecord = () => Promise.resolve({ id: "a01000000000001AAA" });
export class getRecord {
    constructor(tell) {
        this.tell = tell;
        tell({ data: undefined, error: undefined });
    }
    update() {
        const answer = globalThis.SCENE.answers?.record;
        if (answer) {
            this.tell({ data: undefined, error: undefined, ...answer });
        }
    }
    connect() {}
    disconnect() {}
}

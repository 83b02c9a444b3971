// Answers with what the scene says, by the name of the query; nothing, where it says nothing.
export const gql = String.raw;
export class graphql {
    constructor(tell) {
        this.tell = tell;
        tell({ data: undefined, errors: undefined });
    }
    update({ query }) {
        const name = /query (\w+)/.exec(query)?.[1];
        const answer = globalThis.SCENE.answers?.[name];
        if (answer) {
            this.tell({ data: undefined, errors: undefined, refresh() {}, ...answer });
        }
    }
    connect() {}
    disconnect() {}
}

/** Rows that matter and have no case of their behaviour yet, each with the reason. A row leaves this list with its case. */
export const pending: ReadonlyMap<string, string> = new Map();

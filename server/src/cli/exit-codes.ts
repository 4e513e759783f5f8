// What a script may rely on.

export const EXIT = { done: 0, no: 1, usage: 2, unreadable: 3, refused: 4, unreachable: 5, bug: 70 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

// When everything in the seeds happened.

export const AT_MS = 1_800_000_000_000;

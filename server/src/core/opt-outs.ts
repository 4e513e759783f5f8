// Uses of somebody’s data that they may opt out of (CCPA/CPRA: sale, sharing for advertising, profiling), by themselves or by a signal of their browser.

export const OPT_OUT_USES = ['ad_sharing', 'sale', 'profiling'] as const;
export type OptOutUse = (typeof OPT_OUT_USES)[number];

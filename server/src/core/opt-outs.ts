// Uses of somebody’s data that they may opt out of (CCPA/CPRA: sale, sharing for advertising, profiling, automated decisions), by themselves or by a
// signal of their browser. `admt`: that a machine decides about them by itself.

export const OPT_OUT_USES = ['ad_sharing', 'sale', 'profiling', 'admt'] as const;
export type OptOutUse = (typeof OPT_OUT_USES)[number];

/** What a browser's signal, or a wish about data alone, says; a decision by a machine is opted out of by name. */
export const DATA_OPT_OUTS: readonly OptOutUse[] = ['ad_sharing', 'sale', 'profiling'];

// Uses of somebody’s data that they may opt out of (CCPA/CPRA: sale, sharing for advertising, profiling, sensitive data beyond what they asked for,
// automated decisions), by themselves or by a signal. `sensitive`: they limited it. `admt`: that a machine decides about them by itself.

export const OPT_OUT_USES = ['ad_sharing', 'sale', 'profiling', 'sensitive', 'admt'] as const;
export type OptOutUse = (typeof OPT_OUT_USES)[number];

/** What a browser's signal, or a wish that names no use, says; sensitive data and decisions by a machine are named. */
export const DATA_OPT_OUTS: readonly OptOutUse[] = ['ad_sharing', 'sale', 'profiling'];

/** What the right to limit is about. */
export const LIMITED_USES: readonly OptOutUse[] = ['sensitive'];

/** Uses whose people are left out of the data itself; what a machine decides is another matter. */
export const DATA_USES: readonly OptOutUse[] = [...DATA_OPT_OUTS, ...LIMITED_USES];

// The canary as a place like any other: what each run plants, and the next one must find in the index and delete.

import type { Place } from '../rights/places.ts';
import { dropCanaries, listCanaries } from '../store/retention.ts';

export const canaryPlace: Place = {
  name: 'canary',
  changed: async (tx, tenant) => (await listCanaries(tx, tenant)).map(({ id }) => ({ ref: id, mark: 'planted' })),
  open: async (tx, tenant, refs) =>
    (await listCanaries(tx, tenant))
      .filter(({ id }) => refs.includes(id))
      .map(({ id, plantedAt }) => {
        const atMs = plantedAt.getTime();
        return { ref: id, mark: 'planted', atMs, endedAtMs: atMs, purpose: 'canary', runs: [], parts: [] };
      }),
  erase: async (tx, tenant, refs) => {
    await dropCanaries(tx, tenant, refs);
    return [];
  },
};

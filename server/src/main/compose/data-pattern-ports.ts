// Patterns of tenants for the control plane: compiled and held against their examples before they are stored, each change recorded.

import type { DataPatternPorts, DataPatternView } from '#control';
import { isRefusal, refuse } from '#core';
import { compilePattern, findsOf, MAX_PATTERNS, MAX_PROGRAMS, type PatternSpec, tryPattern } from '#dlp';
import { dropDataPattern, listDataPatterns, lockDataPatterns, putDataPattern } from '#enforcement';
import { recordChange } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

const CHANGED = 'enforcement.data_pattern.changed';

const viewOf = ({ dataClass, ...spec }: PatternSpec): DataPatternView => ({ ...spec, class: dataClass });
const specOf = ({ class: dataClass, ...view }: DataPatternView): PatternSpec => ({ ...view, dataClass });

export function dataPatternPorts(rooms: Rooms, { database }: OpenDatabase): DataPatternPorts {
  const { dataMatrix } = rooms;
  return {
    dataPatterns: {
      list: async (tenant) => {
        const specs = await database.inTenant(tenant, (tx) => listDataPatterns(tx, tenant));
        return { patterns: specs.map(viewOf), most: MAX_PATTERNS };
      },
      put: async (person, view) => {
        const { tenant } = person;
        const spec = specOf(view);
        const compiled = compilePattern(spec);
        if (isRefusal(compiled)) return compiled;
        const refused = await database.inTenant(tenant, async (tx) => {
          await lockDataPatterns(tx, tenant);
          const stored = await listDataPatterns(tx, tenant);
          const before = stored.find(({ name }) => name === spec.name) ?? null;
          if (before === null && stored.length >= MAX_PATTERNS) {
            return refuse('ENFORCEMENT_DATA_PATTERNS_FULL', `A tenant has at most ${MAX_PATTERNS} patterns; remove one first.`);
          }
          const others = stored.filter(({ name }) => name !== spec.name).map(tryPattern);
          if (others.reduce((sum, one) => sum + (isRefusal(one) ? 0 : one.size), compiled.size) > MAX_PROGRAMS) {
            return refuse('DLP_PATTERN_TOO_LARGE', 'Together with the others the pattern repeats too much; repeat less or remove one.', {
              field: 'pattern',
            });
          }
          await putDataPattern(tx, tenant, spec);
          await recordChange(rooms, tx, {
            person,
            type: CHANGED,
            subject: spec.name,
            public: {
              name: spec.name,
              class: spec.dataClass,
              change: before === null ? 'added' : 'replaced',
              ...(before === null ? {} : { before: before.dataClass }),
            },
            before: before === null ? null : { ...viewOf(before) },
            after: { ...view },
          });
          return null;
        });
        if (refused !== null) return refused;
        await dataMatrix.refreshed();
        return view;
      },
      remove: async (person, name) => {
        const { tenant } = person;
        const refused = await database.inTenant(tenant, async (tx) => {
          await lockDataPatterns(tx, tenant);
          const before = (await listDataPatterns(tx, tenant)).find((spec) => spec.name === name);
          if (before === undefined || !(await dropDataPattern(tx, tenant, name)))
            return refuse('CONTROL_NOT_FOUND', 'There is no pattern of that name.');
          await recordChange(rooms, tx, {
            person,
            type: CHANGED,
            subject: name,
            public: { name, class: before.dataClass, change: 'removed' },
            before: { ...viewOf(before) },
            after: null,
          });
          return null;
        });
        if (refused === null) await dataMatrix.refreshed();
        return refused;
      },
      try: ({ class: dataClass, pattern, text }) => {
        const compiled = tryPattern({ dataClass, pattern });
        if (isRefusal(compiled)) return compiled;
        return { finds: findsOf(compiled, text) };
      },
    },
  };
}

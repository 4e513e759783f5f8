// The patterns of all tenants, ready to run. Compiled when a tenant's own call first needs them, and kept until that tenant changes them.
// INVARIANT: what one tenant writes costs no other tenant a compilation.

import { isRefusal } from '#core';
import { type PatternSpec, type TenantPattern, tryPattern } from '#dlp';

export interface CompiledPatterns {
  of(tenant: string): readonly TenantPattern[];
  replace(specs: ReadonlyMap<string, readonly PatternSpec[]>): void;
}

interface Own {
  readonly specs: readonly PatternSpec[];
  /** What the specs say, to tell whether they changed. */
  readonly said: string;
  ready: readonly TenantPattern[] | null;
}

const NONE: readonly TenantPattern[] = Object.freeze([]);

/** Their examples were held against them when they were stored. One that no longer compiles was accepted by another version: it looks for
 * nothing rather than stopping every call. */
function compileAll(specs: readonly PatternSpec[]): readonly TenantPattern[] {
  return specs.flatMap((spec) => {
    const made = tryPattern(spec);
    return isRefusal(made) ? [] : [{ name: spec.name, ...made }];
  });
}

export function compiledPatterns(): CompiledPatterns {
  let held: ReadonlyMap<string, Own> = new Map();
  return {
    of: (tenant) => {
      const own = held.get(tenant);
      if (own === undefined) return NONE;
      own.ready ??= compileAll(own.specs);
      return own.ready;
    },
    replace: (specs) => {
      const before = held;
      held = new Map(
        [...specs].map(([tenant, own]): [string, Own] => {
          const said = JSON.stringify(own);
          const known = before.get(tenant);
          return [tenant, known?.said === said ? known : { specs: own, said, ready: null }];
        }),
      );
    },
  };
}

// What an access token may be used for: integrations, or single operations of them. Pure.
// INVARIANT: `narrowScope` never gives what the parent does not have; a text that is no scope gives nothing.

/** Sorted and without repeats: `shop` is every operation of the integration `shop`, `shop:create_refund` one of them. */
export type TokenScope = readonly string[];

/** RFC 6749 section 3.3: visible characters without `"` and `\`. A model's name may itself hold a colon. */
const ENTRY = /^[a-z0-9][a-z0-9._-]{0,63}(?::[\x21\x23-\x5b\x5d-\x7e]{1,200})?$/;
/** More is no scope a person could read. */
export const MAX_SCOPE_ENTRIES = 200;
const MAX_SCOPE_CHARS = 16_384;

/** Null for a text that is no scope. Entries that another entry includes are left out. */
export function parseScope(text: string): TokenScope | null {
  if (text.length > MAX_SCOPE_CHARS) return null;
  return scopeOf(text.split(' ').filter((entry) => entry !== ''));
}

export function scopeOf(entries: readonly string[]): TokenScope | null {
  if (entries.length === 0 || entries.length > MAX_SCOPE_ENTRIES || !entries.every((entry) => ENTRY.test(entry))) return null;
  return simplest(entries);
}

export function formatScope(scope: TokenScope): string {
  return scope.join(' ');
}

/** The part of what is asked that the parent has. May be empty. */
export function narrowScope(parent: TokenScope, asked: TokenScope): TokenScope {
  const held = new Set(parent);
  const kept = asked.flatMap((entry) => {
    if (held.has(entry) || held.has(scopeIntegration(entry))) return [entry];
    // Asked for all of an integration, held of it some: those.
    return entry.includes(':') ? [] : parent.filter((one) => scopeIntegration(one) === entry);
  });
  return simplest(kept);
}

/** Whether everything asked is held. */
export function coversScope(parent: TokenScope, asked: TokenScope): boolean {
  const held = new Set(parent);
  return asked.every((entry) => held.has(entry) || held.has(scopeIntegration(entry)));
}

/** Whether this one operation may be called. A model is an operation of its integration. */
export function carriesOperation(scope: TokenScope, integration: string, operation: string): boolean {
  return scope.includes(integration) || scope.includes(`${integration}:${operation}`);
}

/** The integrations of which anything may be called. */
export function scopeIntegrations(scope: TokenScope): ReadonlySet<string> {
  return new Set(scope.map(scopeIntegration));
}

export function scopeIntegration(entry: string): string {
  const at = entry.indexOf(':');
  return at === -1 ? entry : entry.slice(0, at);
}

function simplest(entries: readonly string[]): TokenScope {
  const all = new Set(entries);
  const kept = [...all].filter((entry) => !entry.includes(':') || !all.has(scopeIntegration(entry)));
  return Object.freeze(kept.sort());
}

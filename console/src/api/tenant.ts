// Which tenant this tab is about: one's own, or a client's that let one in. Every request says it; it ends with the tab.

const KEY = 'sallyport.tenant';

export interface Elsewhere {
  readonly id: string;
  readonly name: string;
}

function read(): Elsewhere | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Elsewhere | null;
    return typeof kept?.id === 'string' && typeof kept.name === 'string' ? kept : null;
  } catch {
    return null;
  }
}

let elsewhere = read();

export const currentTenant = (): Elsewhere | null => elsewhere;

const listeners = new Set<() => void>();
/** For what shows which tenant it is. */
export function onTenant(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Null: one's own. Whoever calls it forgets what was shown of the tenant before. */
export function enterTenant(tenant: Elsewhere | null): void {
  elsewhere = tenant;
  try {
    if (tenant === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(tenant));
  } catch {
    // A browser that keeps nothing still knows it until the tab is loaded anew.
  }
  for (const listener of listeners) listener();
}

/** What is about the tenants one may enter is asked of one's own. */
const AT_HOME = /^\/api\/fleet\//;

export function tenantHeader(path: string): Readonly<Record<string, string>> {
  return elsewhere === null || AT_HOME.test(path) ? {} : { 'x-sallyport-tenant': elsewhere.id };
}

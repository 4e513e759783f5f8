// What a call of a store function is, in the tables of the two-tenant test.

export interface CallWorld {
  /** An open transaction of the tenant. */
  readonly tx: unknown;
  /** Of its own transactions, for functions that take none. */
  readonly db: unknown;
  readonly tenant: string;
}

export type Call =
  /** Tells of the tenant's rows: its answer has to differ between a tenant that has some and one that has none. */
  | { readonly kind: 'asks'; readonly args: (world: CallWorld) => readonly unknown[] }
  /** Changes the tenant's rows. */
  | { readonly kind: 'acts'; readonly args: (world: CallWorld) => readonly unknown[] }
  /** Works over all tenants, or over none, as a system role; a tenant's transaction may not use it. */
  | { readonly kind: 'overAll' }
  /** Touches no database. */
  | { readonly kind: 'pure' };

export const asks = (args: (world: CallWorld) => readonly unknown[]): Call => ({ kind: 'asks', args });
export const acts = (args: (world: CallWorld) => readonly unknown[]): Call => ({ kind: 'acts', args });
export const overAll: Call = { kind: 'overAll' };
export const pure: Call = { kind: 'pure' };

/** `room/store/file` or, for the functions of what a factory makes, `room/store/file#factory`. */
export type Calls = Readonly<Record<string, Readonly<Record<string, Call>>>>;

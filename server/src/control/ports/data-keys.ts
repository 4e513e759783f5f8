// The keys of stored data: how they stand, and the jobs that change them.

import type { JsonObject, PersonPrincipal, Refusal, TenantId } from '#core';

export type DataKeyJobKind = 'epoch' | 'tenants' | 'file' | 'rewrap' | 'resume' | 're-encrypt' | 'destroy-older';

export interface DataKeyJobView {
  readonly kind: DataKeyJobKind;
  /** The step it is at, and keys wrapped, or values sealed, so far. */
  readonly step: string;
  readonly done: number;
}

export interface DataKeyOutcomeView {
  readonly kind: DataKeyJobKind;
  readonly ok: boolean;
  readonly code: string | null;
  readonly sentence: string | null;
  readonly endedAt: string;
  readonly report: JsonObject | null;
}

export interface DataKeysView {
  readonly status: JsonObject;
  /** Hours after which an erasure is made final by itself; 0: only when asked. */
  readonly everyHours: number;
  readonly running: DataKeyJobView | null;
  readonly last: DataKeyOutcomeView | null;
}

export interface DataKeyPorts {
  show(): Promise<DataKeysView>;
  /** Begins it; `show` tells how it goes. */
  begin(person: PersonPrincipal, kind: DataKeyJobKind): Promise<{ readonly kind: DataKeyJobKind } | Refusal>;
  /** Everything of the tenant, or of all, sealed anew under new keys; or the older keys destroyed under which nothing is left. */
  reencrypt(
    person: PersonPrincipal,
    asked: { readonly tenant: TenantId | null; readonly destroyOlder: boolean },
  ): Promise<{ readonly kind: DataKeyJobKind } | Refusal>;
  /** How that stands, of each tenant, and what could not be opened. */
  reencryption(): Promise<JsonObject>;
  /** Which form a sealed value has at least, to be opened. */
  setMinimum(person: PersonPrincipal, form: 1 | 2): Promise<{ readonly before: number; readonly after: number } | Refusal>;
  /** That somebody prints the recovery kit of this key; before it is printed. */
  kitPrinted(person: PersonPrincipal, again: boolean): Promise<{ readonly key: string }>;
}

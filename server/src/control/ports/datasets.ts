// Datasets and opt-outs, as the control plane shows them.

import type { JsonObject, OptOutUse, PersonPrincipal, Refusal, TenantId } from '#core';

export interface DatasetImport {
  readonly name: string;
  readonly format: 'csv' | 'jsonl';
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly source: string;
  readonly licence: string;
  readonly purpose: string;
  readonly subject: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface DatasetReadInput {
  readonly name: string;
  readonly columns: readonly string[] | null;
  readonly after: number;
  readonly limit: number;
  readonly raw: boolean;
  readonly use: OptOutUse | null;
  readonly isExport: boolean;
}

export interface DatasetGrantInput {
  readonly subject: string;
  readonly columns: readonly string[] | null;
  readonly filter: { readonly column: string; readonly kind: 'equals' | 'one_of' | 'not'; readonly values: readonly string[] } | null;
}

export interface DatasetPorts {
  readonly datasets: {
    list(tenant: TenantId): Promise<readonly JsonObject[]>;
    show(person: PersonPrincipal, name: string): Promise<JsonObject | Refusal>;
    import(person: PersonPrincipal, input: DatasetImport): Promise<JsonObject | Refusal>;
    /** How far imports of that name are, that run now. */
    importing(tenant: TenantId, name: string): Promise<readonly JsonObject[]>;
    read(person: PersonPrincipal, input: DatasetReadInput): Promise<JsonObject | Refusal>;
    openRaw(
      person: PersonPrincipal,
      input: { readonly name: string; readonly reason: string; readonly minutes: number },
    ): Promise<JsonObject | Refusal>;
    endRaw(person: PersonPrincipal, name: string): Promise<number>;
    grant(person: PersonPrincipal, name: string, grant: DatasetGrantInput): Promise<JsonObject | Refusal>;
    ungrant(person: PersonPrincipal, name: string, id: string): Promise<boolean>;
    remove(person: PersonPrincipal, name: string): Promise<boolean | Refusal>;
  };
  readonly optOuts: {
    counts(tenant: TenantId): Promise<readonly JsonObject[]>;
    set(
      person: PersonPrincipal,
      change: {
        readonly people: readonly { readonly kind: 'customer' | 'email'; readonly value: string }[];
        readonly uses: readonly OptOutUse[];
        readonly source: string;
        readonly out: boolean;
      },
    ): Promise<number>;
    /** Whether they were honoured, asked of the log. */
    check(tenant: TenantId, asked: { readonly uses: readonly OptOutUse[]; readonly sinceMs: number | null }): Promise<JsonObject>;
  };
}

// Rows of automated decisions, as people declared them.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export const DECISION_KINDS = ['workflow', 'operation'] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];
export const ADMT_MODES = ['wait', 'refuse'] as const;
export type AdmtMode = (typeof ADMT_MODES)[number];

export interface DeclaredDecision {
  readonly kind: DecisionKind;
  /** Of an operation `integration.operation`. */
  readonly name: string;
  readonly significant: boolean;
  readonly mode: AdmtMode;
  /** What is decided, in words. */
  readonly decides: string;
  readonly purpose: string;
  /** How it comes to its result, in words for the person it is about. */
  readonly logic: string;
  readonly declaredAtMs: number;
}

export async function putDecision(tx: Tx, tenant: TenantId, decision: DeclaredDecision, by: string): Promise<void> {
  const { kind, name, significant, mode, decides, purpose, logic, declaredAtMs } = decision;
  await sql`insert into governance_decisions (tenant, kind, name, significant, mode, decides, purpose, logic, declared_at, declared_by)
    values (${tenant}, ${kind}, ${name}, ${significant}, ${mode}, ${decides}, ${purpose}, ${logic}, ${new Date(declaredAtMs)}, ${by})
    on conflict (tenant, kind, name) do update set significant = excluded.significant, mode = excluded.mode, decides = excluded.decides,
      purpose = excluded.purpose, logic = excluded.logic, declared_at = excluded.declared_at, declared_by = excluded.declared_by`.execute(
    query(tx),
  );
}

export async function dropDecision(tx: Tx, tenant: TenantId, kind: DecisionKind, name: string): Promise<boolean> {
  const { rows } =
    await sql`delete from governance_decisions where tenant = ${tenant} and kind = ${kind} and name = ${name} returning name`.execute(
      query(tx),
    );
  return rows.length > 0;
}

interface Row {
  tenant: TenantId;
  kind: DecisionKind;
  name: string;
  significant: boolean;
  mode: AdmtMode;
  decides: string;
  purpose: string;
  logic: string;
  declared_at: Date;
}

/** Within the transaction of whoever may read every tenant's. */
export async function readDecisions(
  tx: Tx,
  tenant: TenantId | null,
): Promise<readonly { readonly tenant: TenantId; readonly decision: DeclaredDecision }[]> {
  const { rows } =
    await sql<Row>`select tenant, kind, name, significant, mode, decides, purpose, logic, declared_at from governance_decisions
    where ${tenant}::text is null or tenant = ${tenant} order by tenant, kind, name`.execute(query(tx));
  return rows.map(({ tenant: of, declared_at, ...row }) => ({
    tenant: of,
    decision: Object.freeze({ ...row, declaredAtMs: declared_at.getTime() }),
  }));
}

// A run as it stands in the database, opened: its input, whose case it is, and what each phase gave. And the writing of it back, sealed
// under the customer, so that erasing a customer also erases what runs knew.

import { type BoundCustomer, type JsonObject, type JsonValue, parseOwnJson, type RunId, type TenantId, type Tx } from '#core';
import type { Phase } from './next-action.ts';
import type { SealingPort } from './ports.ts';
import { findRun, type PhaseRow, type RunRow, readJournal, recordPhase, setCustomer } from './store/runs.ts';

export interface OpenRun {
  readonly row: RunRow;
  readonly input: JsonObject;
  readonly customer: BoundCustomer | null;
  readonly journal: readonly Phase[];
}

const INPUT = 'workflow.input';
const CUSTOMER = 'workflow.customer';
const VALUE = 'workflow.value';

export function sealInput(vault: SealingPort, tx: Tx, tenant: TenantId, input: JsonObject): Promise<Uint8Array> {
  return seal(vault, tx, { tenant, subject: null, purpose: INPUT, value: input });
}

export async function openRun(vault: SealingPort, tx: Tx, tenant: TenantId, run: RunId): Promise<OpenRun | null> {
  const row = await findRun(tx, tenant, run);
  if (row === null) return null;
  const open = async (purpose: string, sealed: Uint8Array | null): Promise<JsonValue> =>
    sealed === null ? null : parseOwnJson(Buffer.from(await vault.open(tx, { tenant, purpose, sealed })).toString('utf8'));
  const journal: Phase[] = [];
  for (const phase of await readJournal(tx, tenant, run)) journal.push(toPhase(phase, await open(VALUE, phase.sealedValue)));
  return {
    row,
    input: (await open(INPUT, row.sealedInput)) as JsonObject,
    customer: (await open(CUSTOMER, row.sealedCustomer)) as BoundCustomer | null,
    journal,
  };
}

export async function bindCustomer(vault: SealingPort, tx: Tx, run: OpenRun, customer: BoundCustomer): Promise<void> {
  const { tenant, id } = run.row;
  await setCustomer(tx, tenant, id, await seal(vault, tx, { tenant, subject: customer.id, purpose: CUSTOMER, value: { ...customer } }));
}

/** Writes what a phase gave; the first one to say so decides. */
export async function writePhase(vault: SealingPort, tx: Tx, run: OpenRun, phase: Phase, atMs: number): Promise<void> {
  const { tenant, id } = run.row;
  const subject = run.customer?.id ?? null;
  const sealedValue = phase.value === null ? null : await seal(vault, tx, { tenant, subject, purpose: VALUE, value: phase.value });
  const { step, phase: name, outcome, code, approval } = phase;
  await recordPhase(tx, { tenant, run: id, step, phase: name, nth: run.journal.length, outcome, code, approval, sealedValue, atMs });
}

function seal(
  vault: SealingPort,
  tx: Tx,
  { tenant, subject, purpose, value }: { tenant: TenantId; subject: string | null; purpose: string; value: JsonValue },
): Promise<Uint8Array> {
  return vault.seal(tx, { tenant, subject, purpose, plaintext: Buffer.from(JSON.stringify(value)) });
}

function toPhase({ step, phase, outcome, code, approval }: PhaseRow, value: JsonValue): Phase {
  return { step, phase, outcome, code, approval, value };
}

// A run as it stands in the database, opened: its input, whose case it is, and what each phase gave, with the labels of all of it. And the
// writing of it back, sealed under the customer, so that erasing a customer also erases what runs knew.
// INVARIANT: a value, its labels and how its phase ended are sealed together, for that one place in that one run: none of them can be
// changed, or put elsewhere, without the run noticing. What does not open ends the run.

import {
  type BoundCustomer,
  isObject,
  type JsonObject,
  type JsonValue,
  type Label,
  labelBy,
  parseOwnJson,
  type RunId,
  SallyportError,
  type TenantId,
  TRUSTED_CONSTANT,
  type Tx,
} from '#core';
import type { Phase } from './next-action.ts';
import type { SealingPort } from './ports.ts';
import {
  findRun,
  type PhaseNotes,
  type PhaseRow,
  type RunRow,
  type RunTrigger,
  readJournal,
  recordPhase,
  setCustomer,
} from './store/runs.ts';
import { labelled, labelsFromJson, labelsToJson, placedAt, type ValueLabels } from './value-labels.ts';

export interface OpenRun {
  readonly row: RunRow;
  readonly input: JsonObject;
  readonly inputLabels: ValueLabels;
  readonly customer: BoundCustomer | null;
  readonly customerLabels: ValueLabels;
  readonly journal: readonly Phase[];
  /** Set when something of it does not open; then nothing of it is given. */
  readonly fault: 'WORKFLOWS_JOURNAL_TAMPERED' | 'WORKFLOWS_CUSTOMER_ERASED' | 'WORKFLOWS_RUN_ERASED' | null;
}

export const purposes = (run: RunId) => ({
  input: `workflow_runs.sealed_input/${run}`,
  customer: `workflow_runs.sealed_customer/${run}`,
  phase: (step: string, phase: string) => `workflow_steps.sealed_value/${run}/${step}/${phase}`,
});

/** Inputs of a person are that person's words; those of a signed delivery are the integration's. */
export function inputLabel({
  trigger,
  by,
  region,
}: {
  readonly trigger: RunTrigger;
  readonly by: string;
  readonly region: string | null;
}): Label {
  if (trigger === 'webhook') return labelBy('system_said', { sources: new Set([by]), regions: new Set([region ?? 'unknown']) });
  return labelBy('person_entered', { sources: new Set([`person:${by}`]) });
}

export function sealInput(
  vault: SealingPort,
  tx: Tx,
  begun: Pick<RunRow, 'tenant' | 'workflow' | 'hash'> & {
    readonly run: RunId;
    readonly input: JsonObject;
    readonly trigger: RunTrigger;
    readonly by: string;
    /** Where the integration is that delivered it; `null` for a person. */
    readonly region: string | null;
  },
): Promise<Uint8Array> {
  const { tenant, run, workflow, hash, input } = begun;
  const value = { workflow, hash, input, labels: labelsToJson(labelled(inputLabel(begun))) };
  return seal(vault, tx, { tenant, run, subject: null, purpose: purposes(run).input, value });
}

export async function openRun(vault: SealingPort, tx: Tx, tenant: TenantId, run: RunId): Promise<OpenRun | null> {
  // Asked together: the answers come back one after the other on one connection, without a trip for each.
  const [row, phases] = await Promise.all([findRun(tx, tenant, run), readJournal(tx, tenant, run)]);
  return row === null ? null : openRow(vault, tx, row, phases);
}

async function openRow(vault: SealingPort, tx: Tx, row: RunRow, phases: readonly PhaseRow[]): Promise<OpenRun> {
  if (row.isErased) return closed(row, 'WORKFLOWS_RUN_ERASED');
  try {
    return await unseal(vault, tx, row, phases);
  } catch (fault) {
    const code = fault instanceof SallyportError ? FAULTS[fault.code] : undefined;
    if (code === undefined) throw fault;
    return closed(row, code);
  }
}

function closed(row: RunRow, fault: NonNullable<OpenRun['fault']>): OpenRun {
  const nothing = labelled(TRUSTED_CONSTANT);
  return { row, input: {}, inputLabels: nothing, customer: null, customerLabels: nothing, journal: [], fault };
}

const FAULTS: Readonly<Record<string, NonNullable<OpenRun['fault']>>> = {
  VAULT_SEALED_UNREADABLE: 'WORKFLOWS_JOURNAL_TAMPERED',
  VAULT_SUBJECT_ERASED: 'WORKFLOWS_CUSTOMER_ERASED',
};

async function unseal(vault: SealingPort, tx: Tx, row: RunRow, phases: readonly PhaseRow[]): Promise<OpenRun> {
  const { tenant, id } = row;
  const open = async (purpose: string, sealed: Uint8Array | null): Promise<JsonObject> => {
    const plain = sealed === null ? null : parseOwnJson(Buffer.from(await vault.open(tx, { tenant, purpose, sealed })).toString('utf8'));
    return isObject(plain) ? plain : unreadable();
  };
  const purpose = purposes(id);
  const [begun, customer, journal] = await Promise.all([
    open(purpose.input, row.sealedInput),
    row.sealedCustomer === null ? null : open(purpose.customer, row.sealedCustomer),
    Promise.all(phases.map(async (phase) => toPhase(phase, await open(purpose.phase(phase.step, phase.phase), phase.sealedValue)))),
  ]);
  // The content a run began with is the one it ends with: another one in its row was put there.
  if (begun.workflow !== row.workflow || begun.hash !== row.hash) unreadable();
  return {
    row,
    input: isObject(begun.input) ? begun.input : unreadable(),
    inputLabels: labelsFromJson(begun.labels),
    customer: customer === null ? null : (customer.customer as unknown as BoundCustomer),
    customerLabels: customer === null ? labelled(TRUSTED_CONSTANT) : labelsFromJson(customer.labels),
    journal,
    fault: null,
  };
}

function unreadable(): never {
  throw new SallyportError('VAULT_SEALED_UNREADABLE', 'A sealed part of the run is missing or is not what stands beside it.');
}

/** `label`: of the field that named the customer. */
export async function bindCustomer(vault: SealingPort, tx: Tx, run: OpenRun, { customer, label }: NamedCustomer): Promise<void> {
  const { tenant, id } = run.row;
  const labels = [...placedAt('id', labelled(label)), ...placedAt('assurance', labelled(TRUSTED_CONSTANT))];
  const value = { customer: { ...customer }, labels: labelsToJson(labels) };
  await setCustomer(
    tx,
    tenant,
    id,
    await seal(vault, tx, { tenant, run: id, subject: customer.id, purpose: purposes(id).customer, value }),
  );
}

export interface NamedCustomer {
  readonly customer: BoundCustomer;
  readonly label: Label;
}

/** Writes what a phase gave; the first one to say so decides. */
export async function writePhase(
  vault: SealingPort,
  tx: Tx,
  run: OpenRun,
  entry: { phase: Phase; notes: PhaseNotes; atMs: number },
): Promise<void> {
  const { tenant, id } = run.row;
  const subject = run.customer?.id ?? null;
  const { step, phase, outcome, code, approval, value, labels } = entry.phase;
  const purpose = purposes(id).phase(step, phase);
  const sealed = { outcome, code, approval, value, labels: labelsToJson(labels) };
  const sealedValue = await seal(vault, tx, { tenant, run: id, subject, purpose, value: sealed });
  const row = { tenant, run: id, step, phase, nth: run.journal.length, outcome, code, approval, sealedValue, atMs: entry.atMs };
  await recordPhase(tx, { ...row, notes: entry.notes });
}

function seal(
  vault: SealingPort,
  tx: Tx,
  { tenant, run, subject, purpose, value }: { tenant: TenantId; run: RunId; subject: string | null; purpose: string; value: JsonValue },
): Promise<Uint8Array> {
  return vault.seal(tx, { tenant, subject, within: `run:${run}`, purpose, plaintext: Buffer.from(JSON.stringify(value)) });
}

function toPhase({ step, phase, outcome, code, approval }: PhaseRow, sealed: JsonObject): Phase {
  const isSame = sealed.outcome === outcome && sealed.code === code && (outcome !== 'waiting' || sealed.approval === approval);
  if (!isSame) unreadable();
  return { step, phase, outcome, code, approval, value: sealed.value ?? null, labels: labelsFromJson(sealed.labels) };
}

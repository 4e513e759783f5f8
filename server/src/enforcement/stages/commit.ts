// Makes the intent durable. An effect, or a disclosure of personal data, waits for the commit of ONE transaction:
// reservations, the endorsement used up, the signed statement used up, the effect's row and the intent event.
// Any other call only starts its commit here and waits for it before the first byte is released.

import type { MatchedOperation } from '#connectors';
import {
  type CallId,
  dataClassSpec,
  formatMoney,
  isEffectful,
  isRefusal,
  type Money,
  makeEvent,
  type NewEvent,
  parseOwnJson,
  type Refusal,
  type ReservationId,
  refuse,
  SallyportError,
  sensitivityOf,
  type Tx,
} from '#core';
import { departmentKeys } from '#limits';
import { customerMark } from '../customers.ts';
import type { GuardDeps, ReservationKey } from '../ports.ts';
import type { Autonomy } from '../store/catalogue.ts';
import type { EffectRow } from '../store/effects.ts';
import type { Committed, Held, Rendered, StoredResult } from '../types.ts';
import { giveBack, holdBudgets } from './departments.ts';
import { effectKey } from './effect-key.ts';
import { recorded } from './identities.ts';
import { repeatDigest, standingOf } from './recall.ts';

export async function commit(deps: GuardDeps, call: Rendered): Promise<Committed | Refusal> {
  const holds = await holdBudgets(deps, call);
  if (isRefusal(holds)) return holds;
  try {
    const committed = await commitHeld(deps, call, holds);
    if (isRefusal(committed)) giveBack(deps, holds);
    return committed;
  } catch (fault) {
    giveBack(deps, holds);
    throw fault;
  }
}

async function commitHeld(deps: GuardDeps, call: Rendered, holds: readonly Held[]): Promise<Committed | Refusal> {
  if (call.matched !== null && isEffectful(call.matched.operation.effect)) return commitEffect(deps, { ...call, holds }, call.matched);
  if (call.matched === null && call.received.endorsement !== null) return commitApproved(deps, { ...call, holds });
  const intent = deps.events.append(intentEvent(deps, call, null));
  const base = { ...call, reservation: null, holds, effect: null, replay: null, resends: false };
  if (disclosesPersonalData(call)) {
    await intent;
    return { ...base, intent: Promise.resolve() };
  }
  // Waited for in release(); a handler now keeps a fault from being reported as unhandled before that.
  intent.catch(() => {});
  return { ...base, intent };
}

function disclosesPersonalData(call: Rendered): boolean {
  return call.matched?.operation.output.fields.some((field) => field.pii.length > 0) ?? false;
}

/** A request to a model that a person approved: it is used up with its intent, so that it runs once whoever dies in between. */
async function commitApproved(deps: GuardDeps, call: Counted): Promise<Committed | Refusal> {
  const used = await deps.database.inTenant(call.principal.tenant, async (tx) => {
    const refused = await consume(deps, tx, call);
    if (refused === null) await deps.events.appendIn(tx, [intentEvent(deps, call, null)]);
    return refused;
  });
  return used ?? { ...call, reservation: null, effect: null, replay: null, resends: false, intent: Promise.resolve() };
}

async function commitEffect(deps: GuardDeps, call: Counted, matched: MatchedOperation): Promise<Committed | Refusal> {
  const { tenant } = call.principal;
  const key = effectKey(call);
  const approval = call.received.endorsement?.approval ?? null;
  const base = { ...call, intent: Promise.resolve() };
  // A refusal inside must also undo what came before it, so it leaves the transaction as an exception and is returned outside.
  const rollback = new RollbackWith();
  try {
    return await deps.database.inTenant(tenant, async (tx) => {
      const held = await deps.effects.claim(tx, {
        tenant,
        effectKey: key,
        call: call.received.call,
        digest: repeatDigest(deps, call, matched),
        integration: call.integration.name,
        operation: matched.operation.name,
        approval,
        reservation: null,
        instance: deps.instance,
        createdAtMs: deps.clock.now(),
      });
      const standing = held === null ? 'new' : standingOf(deps, call, matched, held);
      if (isRefusal(standing)) return standing;
      if (held !== null && standing === 'stored') {
        return { ...base, reservation: null, effect: null, replay: await storedResult(deps, tx, call, held), resends: false };
      }
      // INVARIANT: what was let through only because it is done already is never sent.
      if (call.repeats) throw rollback.with(inProgress(call));
      rollback.on(await consume(deps, tx, call));
      // What may have happened is still counted in the window of its first attempt.
      const resends = standing === 'resend';
      const reservation = resends ? (held?.reservation ?? null) : await reserve(deps, tx, call);
      if (isRefusal(reservation)) throw rollback.with(reservation);
      if (held !== null) {
        const taken = { from: held, call: call.received.call, approval: approval ?? held.approval, reservation, instance: deps.instance };
        if (!(await deps.effects.takeOver(tx, taken))) throw rollback.with(inProgress(call));
      } else if (reservation !== null) await deps.effects.setReservation(tx, tenant, key, reservation);
      await deps.events.appendIn(tx, [intentEvent(deps, call, held?.call ?? null)]);
      return { ...base, reservation, effect: key, replay: null, resends };
    });
  } catch (error) {
    if (error === rollback && rollback.refusal !== null) return rollback.refusal;
    if (error instanceof SallyportError && error.code === 'STORAGE_COMMIT_UNKNOWN')
      deps.late.add(call.received.call, () => takeBack(deps, call, key));
    throw error;
  }
}

/** The intent may stand although nobody was told so, and nothing was sent for it: the key is given back, or whoever asks again waits for ever. */
async function takeBack(deps: GuardDeps, { principal: { tenant }, received }: Rendered, effectKey: string): Promise<void> {
  await deps.database.inTenant(tenant, async (tx) => {
    const row = await deps.effects.find(tx, tenant, effectKey);
    if (row === null || row.call !== received.call || row.state !== 'sent') return;
    // Taken over from an attempt that may have happened: of that one nothing more is known than before.
    if (row.createdAtMs < received.receivedAtMs) {
      await deps.effects.settle(tx, { tenant, effectKey, call: received.call, state: 'unknown', result: null });
      return;
    }
    if (row.reservation !== null) await deps.limits.settle(tx, row.reservation, 'released');
    await deps.effects.release(tx, { tenant, effectKey, call: received.call });
  });
}

function inProgress(call: Rendered): Refusal {
  return refuse('ENFORCEMENT_EFFECT_IN_PROGRESS', 'The same effect is already under way.', { call: call.received.call });
}

/** A call whose estimate is counted. */
type Counted = Rendered & { readonly holds: readonly Held[] };

class RollbackWith extends Error {
  refusal: Refusal | null = null;
  with(refusal: Refusal): this {
    this.refusal = refusal;
    return this;
  }
  on(refusal: Refusal | null): void {
    if (refusal !== null) throw this.with(refusal);
  }
}

async function consume(deps: GuardDeps, tx: Tx, call: Rendered): Promise<Refusal | null> {
  const { endorsement } = call.received;
  // A stored call carries the statement it came with, which was used up by nothing yet: its approval is what is single-use.
  if (endorsement !== null) return deps.approvals.consume(tx, endorsement.approval, endorsement.digest);
  if (call.binding.tier !== 'bound') return null;
  return deps.identity.consumeBinding(tx, call.principal.tenant, call.binding.statement, call.binding.expiresAtMs);
}

/**
 * Counts an effect against the windows of its operation and those of its workspaces. One that a person endorsed is counted too: in the windows
 * of its operation the person alone limits it, in the budget of a workspace nobody goes over.
 */
async function reserve(deps: GuardDeps, tx: Tx, call: Rendered): Promise<ReservationId | null | Refusal> {
  const operation = call.matched?.operation.name ?? '';
  const autonomy = call.integration.autonomy.get(operation);
  const amount = call.facts?.amount?.requested ?? null;
  const windows = autonomy === undefined ? [] : windowsOf(deps, call, operation, autonomy);
  const limited = call.received.endorsement === null ? windows : windows.flatMap((key) => unlimited(key, amount));
  const theirs = departmentKeys(call.departments, { amount, movesMoney: call.matched?.operation.effect === 'money' });
  if (isRefusal(theirs)) return theirs;
  const keys = [...limited, ...theirs, ...remainderKey(deps, call)];
  if (keys.length === 0) return null;
  const reserved = await deps.limits.reserve(tx, { call: call.received.call, tenant: call.principal.tenant, keys, amount, count: 1 });
  if (!isRefusal(reserved) || reserved.evidence.limitOf !== REMAINDER) return reserved;
  return refuse(
    'ENFORCEMENT_REMAINDER_TAKEN',
    'Another payment was made from the same remainder; ask again when the shop shows the new one.',
  );
}

const REMAINDER = 'remainder';

/**
 * One payment for each remainder that was read: of two calls that read the same one before either was paid, only one is sent, whoever
 * endorsed them. By remainder and not by version, because anybody's note on an order makes a new version of it.
 */
function remainderKey(deps: GuardDeps, call: Rendered): readonly ReservationKey[] {
  const { amount = null, paidFor = null } = call.facts ?? {};
  if (amount === null || amount.remainder === null || paidFor === null) return [];
  const { amountMinor, currency } = amount.remainder;
  const shop = call.integration.name;
  const object = deps.digest.sha256(`${call.principal.tenant}/${shop}/${paidFor}/${amountMinor}/${currency}`).slice(0, 32);
  const scope = `${REMAINDER}:${shop}:${object}`;
  return [{ scope, window: 'day', limitMinor: amountMinor, currency, limitCount: 1 }];
}

/** Currency of a window that counts uses only. */
const NO_CURRENCY = 'NONE';
/** Above every amount of money there is, below what a bigint column holds. */
const NO_LIMIT_MINOR = 1_000_000_000_000_000_000n;

/** The same window without its limit; none when the amount is in a currency it does not count. */
function unlimited(key: ReservationKey, amount: Money | null): readonly ReservationKey[] {
  if (amount !== null && amount.currency !== key.currency) return [];
  const { scope, window, currency } = key;
  return [{ scope, window, currency, limitMinor: NO_LIMIT_MINOR }];
}

function windowsOf(deps: GuardDeps, call: Rendered, operation: string, autonomy: Autonomy): readonly ReservationKey[] {
  const shop = call.integration.name;
  const window = 'day';
  const { perCustomerDay, perDay, timesPerCustomerDay } = autonomy;
  const keys: ReservationKey[] = [];
  if (perCustomerDay !== null || timesPerCustomerDay !== null) {
    // A digest, so that the tables of limits name no customer.
    const customer = customerMark(deps, call.principal.tenant, shop, call.customer?.id ?? '');
    keys.push({
      scope: `customer:${shop}:${customer}:${operation}`,
      window,
      limitMinor: perCustomerDay?.amountMinor ?? 0n,
      currency: perCustomerDay?.currency ?? NO_CURRENCY,
      ...(timesPerCustomerDay === null ? {} : { limitCount: timesPerCustomerDay }),
    });
  }
  if (perDay !== null)
    keys.push({ scope: `operation:${shop}:${operation}`, window, limitMinor: perDay.amountMinor, currency: perDay.currency });
  return keys;
}

async function storedResult(deps: GuardDeps, tx: Tx, call: Rendered, held: EffectRow): Promise<StoredResult> {
  if (held.result === null) throw new Error('a stored result is there when the row stands as stored');
  const opened = await deps.vault.open(tx, { tenant: call.principal.tenant, purpose: 'effect.result', sealed: held.result });
  return parseOwnJson(Buffer.from(opened).toString('utf8')) as unknown as StoredResult;
}

function intentEvent(deps: GuardDeps, call: Rendered, repeats: CallId | null): NewEvent {
  const request = call.received.request;
  return makeEvent(deps, {
    tenant: call.principal.tenant,
    type: 'enforcement.call.intended',
    actor: call.principal.workload,
    subject: call.received.call,
    public: {
      integration: call.integration.name,
      operation: call.matched?.operation.name ?? 'chat',
      effect: call.matched?.operation.effect ?? 'model',
      amount: call.facts?.amount == null ? null : formatMoney(call.facts.amount.requested),
      model: request.kind === 'model' ? request.model : null,
      tier: call.binding.tier,
      run: call.binding.tier === 'plain' ? null : call.binding.run,
      workload: call.principal.workload,
      ...recorded(call.identities),
      integrity: call.label.integrity,
      sensitivity: sensitivityOf(call.label),
      regions: [...call.label.regions].sort(),
      policies: call.policies,
      digest: call.digest,
      ...(call.usedFor === undefined ? {} : { uses: [...call.usedFor] }),
      signals: [...new Set(call.signals.map((signal) => signal.kind))],
      tokenised: { ...(call.conversation?.counts ?? {}) },
      carried: carriedClasses(call),
      ...(Object.keys(call.onTrial).length === 0 ? {} : { onTrial: { ...call.onTrial } }),
      approval: call.received.endorsement?.approval ?? null,
      // The earlier attempt of the same effect whose answer was never seen.
      repeats,
      instance: deps.instance,
    },
  });
}

/** Kinds of personal data that leave with it, in clear or as a placeholder that can be put back. */
const carriedClasses = ({ flow }: Rendered): readonly string[] => [
  ...new Set(
    (flow?.carried ?? [])
      .filter(({ dataClass, handling }) => dataClassSpec(dataClass).pii.length > 0 && (handling === 'clear' || handling === 'tokenise'))
      .map(({ dataClass }) => dataClass),
  ),
];

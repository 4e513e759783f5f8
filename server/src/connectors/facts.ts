// Resolves what must be known before a call is decided: whose objects it names, whether its targets are explained by our own records,
// what may still be paid out, and which version of the objects all this was read from. Reads only through the port it is given.
// INVARIANT: a read that can not be made refuses the call; it never turns into "nothing known, go on".

import {
  type BoundCustomer,
  canonicalJson,
  type Digest,
  isRefusal,
  type JsonValue,
  type Manifest,
  type Money,
  proven,
  type Refusal,
  refuse,
  SallyportError,
} from '#core';
import { isWithinRemainder, paidFor, resolveAmount } from './amount.ts';
import { valueAt } from './field-path.ts';
import type { MatchedOperation } from './match-operation.ts';
import type { Ownership } from './ownership.ts';
import { type FactRead, isForeignByName, planFacts } from './plan-facts.ts';
import { keyOf, type Records, unwrapRecord, type View, viewOf } from './records.ts';
import { summariseOwnership } from './summarise-ownership.ts';
import { judgeTargets } from './targets.ts';

/** Reads one record for us. `null` means the integration says there is no such object; a refusal or a fault means it could not be asked. */
export type FactReader = (operation: MatchedOperation) => Promise<JsonValue | Refusal>;

export interface Facts {
  readonly ownership: Ownership | 'not_applicable';
  /** Names of the arguments that name somebody else's object. */
  readonly foreign: readonly string[];
  /** Every target and secret of the call: whether a record of our own explains it. */
  readonly targets: Readonly<Record<string, 'explained' | 'unexplained'>>;
  /** Names of the targets that break a closed rule; no person can approve those. */
  readonly brokenRules: readonly string[];
  /** `remainder` is `null` when the objects declare none, or were not found. */
  readonly amount: { readonly requested: Money; readonly remainder: Money | null } | null;
  /** The object whose remainder pays for the call; `null` when none declares one. */
  readonly paidFor: string | null;
  /** False also when a declared amount or remainder could not be established. */
  readonly amountWithinRemainder: boolean | 'not_applicable';
  /** SHA-256 over the versions of all records read; a change of it voids an endorsement. */
  readonly objectVersion: string;
  /** The records read, by `entity:id`; objects that were not found are not there. */
  readonly records: Readonly<Record<string, JsonValue>>;
  /** The whole reply when one of the reads was exactly this call, so that it need not be sent twice. */
  readonly reply: JsonValue | null;
}

/** Owners found through other records take one round each; no manifest needs more. */
const MAX_ROUNDS = 4;
/** Records one call may need. A list of objects longer than this is split by the caller. */
const MAX_READS = 24;

export async function resolveFacts(
  manifest: Manifest,
  matched: MatchedOperation,
  customer: BoundCustomer | null,
  read: FactReader,
  digest: Digest,
): Promise<Facts | Refusal> {
  const bound = proven(customer);
  // Somebody else's customer id is refused without reading anything of that person.
  if (isForeignByName(manifest, matched, bound)) return judge(viewOf(manifest, matched, bound, new Map()), digest, null);
  const records: Map<string, JsonValue | null> = new Map();
  let reply: JsonValue | null = null;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const plan = planFacts(manifest, matched, bound, records);
    if (isRefusal(plan)) return plan;
    if (plan.reads.length === 0) return judge(viewOf(manifest, matched, bound, records), digest, reply);
    if (records.size + plan.reads.length > MAX_READS) {
      return refuse('CONNECTORS_TOO_MANY_OBJECTS', 'The call names more objects than can be checked at once.', { most: MAX_READS });
    }
    const answers = await Promise.all(plan.reads.map((each) => readOne(each, read)));
    for (const [index, each] of plan.reads.entries()) {
      const answer = answers[index] as JsonValue | Refusal;
      if (isRefusal(answer)) return answer;
      records.set(each.key, unwrapRecord(manifest, each, answer));
      if (isSameCall(each.operation, matched)) reply = answer;
    }
  }
  return refuse('CONNECTORS_FACTS_UNAVAILABLE', 'The owner of an object could not be traced through its records.', { rounds: MAX_ROUNDS });
}

async function readOne(each: FactRead, read: FactReader): Promise<JsonValue | Refusal> {
  const unavailable = (cause: string): Refusal =>
    refuse('CONNECTORS_FACTS_UNAVAILABLE', 'A record needed to decide this call could not be read.', {
      entity: each.entity,
      operation: each.operation.operation.name,
      cause,
    });
  try {
    const answer = await read(each.operation);
    return isRefusal(answer) ? unavailable(answer.code) : answer;
  } catch (fault) {
    if (fault instanceof SallyportError) return unavailable(fault.code);
    throw fault;
  }
}

function isSameCall(one: MatchedOperation, other: MatchedOperation): boolean {
  return one.operation.name === other.operation.name && canonicalJson(one.args) === canonicalJson(other.args);
}

function judge(view: View, digest: Digest, reply: JsonValue | null): Facts | Refusal {
  const amount = resolveAmount(view);
  if (isRefusal(amount)) return amount;
  const targets = judgeTargets(view);
  const owned = summariseOwnership(view, targets);
  return Object.freeze({
    ownership: owned.ownership,
    foreign: owned.foreign,
    targets: Object.fromEntries(targets.map((target) => [target.argument, target.explained ? 'explained' : 'unexplained'] as const)),
    brokenRules: targets.filter((target) => target.broken).map((target) => target.argument),
    amount,
    paidFor: paidFor(view),
    amountWithinRemainder: isWithinRemainder(view, amount),
    objectVersion: versionOf(view.manifest, view.records, digest),
    records: Object.fromEntries([...view.records].filter((entry): entry is [string, JsonValue] => entry[1] !== null)),
    reply,
  });
}

function versionOf(manifest: Manifest, records: Records, digest: Digest): string {
  const versions = [...records]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, record]) => {
      const spec = manifest.entities.find((entity) => key.startsWith(keyOf(entity.name, '')));
      const declared = record === null || spec?.version == null ? undefined : valueAt(record, spec.version);
      // A declared version that is not there, or is no plain value, falls back to the whole record: more changes, never fewer.
      const plain = typeof declared === 'string' || typeof declared === 'number';
      return [key, plain ? declared : record === null ? null : digest.sha256(canonicalJson(record))];
    });
  return digest.sha256(canonicalJson(versions));
}

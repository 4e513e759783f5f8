// Notices customers who probe: calls for a proven customer that are refused again and again, or carry what looks like an injection in run after
// run. Counted in memory, written every second, judged over all processes. INVARIANTS: a call never waits for it; nobody is named: tables hold
// digests for an hour, and the event names the run alone; a customer whose assurance is only claimed is not counted, or a stranger could
// have anybody flagged.

import {
  type Binding,
  type BoundCustomer,
  type CallId,
  type Clock,
  type Digest,
  makeEvent,
  type Random,
  type Refusal,
  type RunId,
  type TenantId,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { addVerdicts, forgetVerdicts, type Verdicts } from './store/customers.ts';

/** What is looked at of a call. */
export interface CustomerCall {
  readonly principal: { readonly tenant: TenantId; readonly workload: string };
  readonly customer: BoundCustomer | null;
  readonly binding: Binding;
  readonly integration: { readonly name: string };
  readonly received: { readonly call: CallId };
}

export interface CustomerWatch {
  /** A call was refused. */
  refused(call: CustomerCall, refusal: Refusal): void;
  /** A call went on; its text may look like an injection all the same. */
  screened(call: CustomerCall & { readonly signals: readonly { readonly kind: string }[] }): void;
  /** Writes what was counted; a timer does it every second while there is something. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export interface CustomerWatchDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly onFault: (fault: unknown) => void;
}

/** Refused calls of one customer within the window that make probing. */
export const DENIED_FOR_CUSTOMER = 10;
/** Runs of one customer within the window whose text looked like an injection. */
export const INJECTED_RUNS = 3;
export const CUSTOMER_WINDOW_MS = 30 * 60_000;
const KEEP_MS = 60 * 60_000;
const FLUSH_MS = 1_000;
/** Customers counted within a second, and runs remembered: what an attack could fill. */
const MAX_COUNTED = 10_000;
const ACTOR = 'system:guard';

/** What the ledger of limits knows a customer by, too: a digest, so that tables name nobody. */
export function customerMark({ digest }: { readonly digest: Digest }, tenant: TenantId, shop: string, customer: string): string {
  return digest.sha256(`${tenant}/${shop}/${customer}`).slice(0, 32);
}

/** Refusals of what a call asks for. Others are about keys, limits and settings, which no customer chooses. */
const PROBED: ReadonlySet<string> = new Set([
  'POLICY_FOREIGN_OBJECT',
  'POLICY_UNKNOWN_OBJECT',
  'POLICY_TARGET_RULE_BROKEN',
  'POLICY_OVER_REMAINDER',
  'POLICY_NO_RULE',
  'CONNECTORS_LOOKUP_NOT_BOUND_CUSTOMER',
  'ENFORCEMENT_CONTENT_OTHER_SUBJECT',
  'ENFORCEMENT_CONTENT_LINK',
  'GUARDRAILS_LINK_CARRIES_DATA',
  'GUARDRAILS_OUTPUT_SECRET',
  'GUARDRAILS_TOOL_UNDECLARED',
]);
export const isProbed = ({ code }: Pick<Refusal, 'code'>): boolean => PROBED.has(code);

/** Text that hides from people or speaks as another role. What also stands in honest mail (invisible joiners, comments) is not among them. */
const INJECTED: ReadonlySet<string> = new Set(['tag_characters', 'html_hidden', 'role_markup', 'injection_suspected']);

interface Counted {
  readonly tenant: TenantId;
  readonly customer: string;
  denied: number;
  injected: number;
  last: { readonly call: CallId; readonly run: RunId; readonly workload: string; readonly integration: string };
}

export function createCustomerWatch(deps: CustomerWatchDeps): CustomerWatch {
  const { db, clock, random } = deps;
  let counted = new Map<string, Counted>();
  /** Runs whose text was counted: the same ticket is read in every call of its run. */
  const seenRuns = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  function count(call: CustomerCall, what: 'denied' | 'injected'): void {
    const { customer, binding, principal, integration, received } = call;
    if (customer === null || binding.tier === 'plain') return;
    const { tenant, workload } = principal;
    if (what === 'injected') {
      const run = `${tenant} ${binding.run}`;
      if (seenRuns.has(run)) return;
      if (seenRuns.size >= MAX_COUNTED) seenRuns.delete(seenRuns.values().next().value as string);
      seenRuns.add(run);
    }
    // Of a model call the shop is not known; the customer is the shop's all the same.
    const mark = customerMark(deps, tenant, '', customer.id);
    const last = { call: received.call, run: binding.run, workload, integration: integration.name };
    const known = counted.get(`${tenant} ${mark}`);
    if (known === undefined && counted.size >= MAX_COUNTED) return;
    const entry = known ?? { tenant, customer: mark, denied: 0, injected: 0, last };
    entry[what] += 1;
    entry.last = last;
    counted.set(`${tenant} ${mark}`, entry);
    timer ??= setTimeout(() => {
      timer = null;
      void flush();
    }, FLUSH_MS).unref();
  }

  async function write(one: Counted): Promise<void> {
    const { tenant, customer, last, ...verdicts } = one;
    const atMs = clock.now();
    await db.inTenant(tenant, async (tx) => {
      const { before, after } = await addVerdicts(tx, tenant, { customer, verdicts, atMs, sinceMs: atMs - CUSTOMER_WINDOW_MS });
      await forgetVerdicts(tx, tenant, atMs - KEEP_MS);
      if (isProbing(before) || !isProbing(after)) return;
      const { run, ...facts } = last;
      const event = { tenant, type: 'enforcement.customer.flagged', actor: ACTOR, subject: run, public: { ...facts, ...after } };
      await appendEvents(tx, [makeEvent({ clock, random }, event)]);
    });
  }

  function flush(): Promise<void> {
    writing = writing.then(async () => {
      const taken = [...counted.values()];
      counted = new Map();
      for (const one of taken) await write(one).catch(deps.onFault);
    });
    return writing;
  }

  return {
    refused: (call, refusal) => {
      if (isProbed(refusal)) count(call, 'denied');
    },
    screened: (call) => {
      if (call.signals.some(({ kind }) => INJECTED.has(kind))) count(call, 'injected');
    },
    flush,
    stop: async () => {
      if (timer !== null) clearTimeout(timer);
      await flush();
    },
  };
}

const isProbing = ({ denied, injected }: Verdicts): boolean => denied >= DENIED_FOR_CUSTOMER || injected >= INJECTED_RUNS;

// Calls as the ledger tells them: the events of one call folded into one line, and the counts of a day. References, codes and
// counts only: nothing a call carried is opened here.

import type { LedgerEntry, SubjectEntry } from '#audit';
import type { CallOutcome, CallView, ControlPorts } from '#control';
import { formatTime, isObject, type JsonObject, type JsonValue } from '#core';
import { systemClock } from '../world.ts';
import type { Rooms } from './rooms.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_MS = 14 * DAY_MS;
const CALLS = { subjectPrefix: 'call_', typePrefix: 'enforcement.' } as const;
const ASKED = 'ENDORSEMENT_REQUIRED';
const OUTCOMES: Readonly<Record<CallOutcome, { types: readonly string[]; code: { is: string } | { not: string } | null }>> = {
  completed: { types: ['enforcement.call.completed', 'enforcement.effect.resolved'], code: null },
  refused: { types: ['enforcement.call.refused'], code: { not: ASKED } },
  asked: { types: ['enforcement.call.refused'], code: { is: ASKED } },
  faulted: { types: ['enforcement.call.faulted'], code: null },
  aborted: { types: ['enforcement.call.aborted'], code: null },
  unresolved: { types: ['enforcement.call.unresolved'], code: null },
  underway: { types: ['enforcement.call.intended'], code: null },
};

export function callPorts(rooms: Rooms): Pick<ControlPorts, 'calls' | 'overview'> {
  const { ledger } = rooms;
  return {
    calls: {
      list: async (tenant, filter) => {
        const { outcome, integration, tier, tokenised, sinceMs, before, limit } = filter;
        const facts = { ...(integration === null ? {} : { integration }), ...(tier === null ? {} : { tier }) };
        const { types, code } = outcome === null ? { types: null, code: null } : OUTCOMES[outcome];
        const page = await ledger.subjects(tenant, { ...CALLS, types, code, facts, tokenised, sinceMs, before, limit });
        return page.map(toCall);
      },
      show: async (tenant, call) => {
        const events = (await ledger.list(tenant, { subject: call, limit: 100 })).toReversed();
        const last = events.at(-1);
        if (last === undefined) return null;
        const view = toCall({ subject: call, seq: last.seq, events });
        const approvalEvents =
          view.approval === null ? [] : (await ledger.list(tenant, { subject: view.approval, limit: 100 })).toReversed();
        return { ...view, events, approvalEvents };
      },
    },
    overview: async (tenant) => {
      const nowMs = systemClock.now();
      const sinceMs = nowMs - DAY_MS;
      const [tally, pending, unresolved, integrations, keys, newest, head] = await Promise.all([
        ledger.tally(tenant, { ...CALLS, sinceMs }),
        rooms.approvals.list(tenant, 'pending'),
        rooms.guard.database.inTenant(tenant, (tx) => rooms.effects.listUnresolved(tx, tenant)),
        rooms.catalogue.list(tenant),
        rooms.identity.listKeys(tenant),
        ledger.list(tenant, { limit: 1 }),
        ledger.head(tenant),
      ]);
      const sum = (count: (row: (typeof tally)[number]) => number): number => tally.reduce((total, row) => total + count(row), 0);
      const active = keys.filter((key) => key.revokedAt === null && key.expiresAt.getTime() > nowMs);
      const expiries = active.map((key) => key.expiresAt.getTime()).sort((left, right) => left - right);
      const seq = newest[0]?.seq;
      return {
        since: formatTime(sinceMs),
        now: formatTime(nowMs),
        calls: {
          guarded: sum((row) => row.subjects),
          refused: sum((row) => (row.type === 'enforcement.call.refused' && row.code !== ASKED ? row.subjects : 0)),
          tokenised: sum((row) => row.tokenised),
          waiting: pending.length,
        },
        unresolved: unresolved.length,
        integrations: {
          total: integrations.length,
          models: integrations.filter((one) => one.kind === 'model').length,
          shops: integrations.filter((one) => one.kind !== 'model').length,
          operationsToReview: integrations.reduce(
            (total, one) => total + (one.manifest?.operations.filter((operation) => operation.needsReview).length ?? 0),
            0,
          ),
        },
        keys: {
          active: active.length,
          expiringSoon: expiries.filter((at) => at < nowMs + SOON_MS).length,
          nextExpiry: expiries[0] === undefined ? null : formatTime(expiries[0]),
        },
        ledger: { sealedEvents: seq === undefined ? 0 : seq + 1, checkpointAt: head === null ? null : formatTime(head.signedAtMs) },
      };
    },
  };
}

const textOf = (value: JsonValue | undefined): string | null => (typeof value === 'string' ? value : null);
const factsOf = (event: LedgerEntry): JsonObject => (isObject(event.entry.public) ? (event.entry.public as JsonObject) : {});

function outcomeOf(type: string, code: string | null): CallOutcome {
  if (type === 'enforcement.call.refused') return code === ASKED ? 'asked' : 'refused';
  const named = (Object.keys(OUTCOMES) as CallOutcome[]).find((outcome) => OUTCOMES[outcome].types.includes(type));
  return named ?? 'underway';
}

function toCall({ subject, seq, events }: SubjectEntry): CallView {
  const guarded = events.filter((event) => String(event.entry.type).startsWith(CALLS.typePrefix));
  const last = guarded.at(-1);
  const ending = last === undefined ? {} : factsOf(last);
  const all = guarded.map(factsOf);
  const fact = (name: string): string | null => all.map((facts) => textOf(facts[name])).findLast((value) => value !== null) ?? null;
  const evidence = isObject(ending.evidence) ? (ending.evidence as JsonObject) : {};
  const counts = all.flatMap((facts) => (isObject(facts.tokenised) ? Object.values(facts.tokenised) : []));
  const signals = all.flatMap((facts) => [facts.signals, facts.outputSignals].flatMap((list) => (Array.isArray(list) ? list : [])));
  const code = textOf(ending.code);
  return {
    call: subject,
    seq,
    outcome: outcomeOf(String(last?.entry.type ?? ''), code),
    at: String(last?.entry.at ?? ''),
    integration: fact('integration'),
    operation: fact('operation') ?? textOf(evidence.operation),
    effect: fact('effect'),
    model: fact('model'),
    tier: fact('tier') ?? textOf(evidence.tier),
    stage: textOf(ending.stage),
    code,
    approval: fact('approval') ?? textOf(evidence.approval),
    tokenised: counts.reduce<number>((total, count) => total + (typeof count === 'number' ? count : 0), 0),
    signals: [...new Set(signals.filter((signal) => typeof signal === 'string'))],
  };
}

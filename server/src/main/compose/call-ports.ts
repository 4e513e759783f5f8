// Calls as the ledger tells them: the events of one call folded into one line. References, codes and counts only: nothing a call
// carried is opened here.

import type { LedgerEntry, SubjectEntry } from '#audit';
import type { CallOutcome, CallView, ControlPorts } from '#control';
import { isObject, type JsonObject, type JsonValue } from '#core';
import type { Rooms } from './rooms.ts';

export const CALLS = { subjectPrefix: 'call_', typePrefix: 'enforcement.' } as const;
export const ASKED = 'ENDORSEMENT_REQUIRED';
const OUTCOMES: Readonly<Record<CallOutcome, { types: readonly string[]; code: { is: string } | { not: string } | null }>> = {
  completed: { types: ['enforcement.call.completed', 'enforcement.effect.resolved'], code: null },
  refused: { types: ['enforcement.call.refused'], code: { not: ASKED } },
  asked: { types: ['enforcement.call.refused'], code: { is: ASKED } },
  faulted: { types: ['enforcement.call.faulted'], code: null },
  aborted: { types: ['enforcement.call.aborted'], code: null },
  unresolved: { types: ['enforcement.call.unresolved'], code: null },
  underway: { types: ['enforcement.call.intended'], code: null },
};

export function callPorts(rooms: Rooms): Pick<ControlPorts, 'calls'> {
  const { ledger } = rooms;
  return {
    calls: {
      place: (tenant, { integration, workload }) => {
        const workflow = workload === null ? null : rooms.identity.workflowOf(tenant, workload);
        return { ...(integration === null ? {} : { integration }), ...(workflow === null ? {} : { workflow }) };
      },
      list: async (tenant, filter) => {
        const { outcome, integration, tier, effect, run, workload, tokenised, sinceMs, before, limit } = filter;
        const facts = Object.fromEntries(
          Object.entries({ integration, tier, effect, run, workload }).filter(([, value]) => value !== null),
        ) as Record<string, string>;
        const { types, code: usual } = outcome === null ? { types: null, code: null } : OUTCOMES[outcome];
        const code = filter.code === null ? usual : { is: filter.code };
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
    run: fact('run'),
    workload: fact('workload'),
    tokens: tokensOf(all),
    cost: fact('cost'),
    durationMs: numberOf(ending.durationMs),
  };
}

const numberOf = (value: JsonValue | undefined): number | null => (typeof value === 'number' ? value : null);

function tokensOf(all: readonly JsonObject[]): CallView['tokens'] {
  const told = all.findLast((facts) => typeof facts.inputTokens === 'number');
  return told === undefined ? null : { input: numberOf(told.inputTokens) ?? 0, output: numberOf(told.outputTokens) ?? 0 };
}

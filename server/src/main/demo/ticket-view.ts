// What became of a ticket: read from its run's journal and from the shop's books. Which text was poisoned decides nothing here.

import type { CastTicket, ShopEffect } from '@sallyport/demo';
import type { DemoTicket, DemoTicketState } from '#control';
import { type CodeTable, formatTime } from '#core';
import type { KeptTicket } from './kept.ts';

/** The part of a run this needs. */
export interface TicketRun {
  readonly run: { readonly state: 'running' | 'done' | 'stopped' | 'refused'; readonly step: string | null; readonly code: string | null };
  readonly phases: readonly {
    readonly step: string;
    readonly outcome: 'done' | 'refused' | 'waiting';
    readonly code: string | null;
    readonly approval: string | null;
    readonly call: string | null;
  }[];
}

const MAX_EXCERPT_CHARS = 2_000;
const DENIED = 'WORKFLOWS_APPROVAL_DENIED';

export interface TicketFacts {
  readonly kept: KeptTicket;
  readonly cast: CastTicket;
  readonly run: TicketRun | null;
  /** Everything in the shop's books, oldest first. */
  readonly effects: readonly ShopEffect[];
  readonly codes: CodeTable;
}

export function viewTicket({ kept, cast, run, effects, codes }: TicketFacts): DemoTicket {
  const reasons = run === null ? [] : reasonsOf(run, codes);
  const state = run === null ? 'arrived' : stateOf(run);
  const refunds = effects.filter(
    (effect) => effect.kind === 'refund' && effect.customer_id === cast.customerId && Date.parse(effect.at) >= kept.openedAtMs,
  );
  const minor = refunds.reduce((sum, effect) => sum + Math.round(Number(effect.fields.amount) * 100), 0);
  return {
    id: kept.id,
    subject: cast.subject,
    excerpt: cast.body.slice(0, MAX_EXCERPT_CHARS),
    poisoned: cast.poison !== null,
    poison: cast.poison,
    attempt: cast.attempt,
    openedAt: formatTime(kept.openedAtMs),
    run: kept.run,
    state,
    reasons,
    approval: state === 'waiting' ? (run?.phases.find((phase) => phase.outcome === 'waiting')?.approval ?? null) : null,
    replied: effects.some((effect) => effect.kind === 'ticket_replied' && effect.object === kept.id),
    refunded: refunds.length === 0 ? null : `${(minor / 100).toFixed(2)} USD`,
  };
}

export function stateOf({ run, phases }: TicketRun): DemoTicketState {
  if (run.state === 'running') return phases.some((phase) => phase.outcome === 'waiting') ? 'waiting' : 'working';
  const refused = phases.filter((phase) => phase.outcome === 'refused');
  if (refused.some((phase) => phase.code === DENIED) || run.code === DENIED) return 'denied';
  if (refused.length > 0) return 'blocked';
  return run.state === 'done' ? 'solved' : 'failed';
}

function reasonsOf({ run, phases }: TicketRun, codes: CodeTable): DemoTicket['reasons'] {
  const refused = phases.filter((phase) => phase.outcome === 'refused' && phase.code !== null);
  const found = refused.map(({ code, step, call }) => ({ code: code as string, step, call }));
  const isTold = run.code === null || found.some(({ code }) => code === run.code);
  const all = isTold ? found : [...found, { code: run.code as string, step: run.step ?? '', call: null }];
  return all.map((reason) => ({ ...reason, sentence: codes[reason.code]?.sentence ?? '' }));
}

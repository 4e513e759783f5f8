// One scenario through a signed workflow: the ticket is opened at the shop, whose signed webhook starts the run; an honest person decides
// what waits; what counts is what happened at the shop.

import type { ToolRequest } from '../agent/index.ts';
import { createHonestPerson, type PersonalValue } from './judge.ts';
import { ticketTelling } from './told-calls.ts';
import type { Cast, Scenario } from './types.ts';

/** A call of the run that a person must decide. */
export interface WaitingCall {
  readonly approvalId: string;
  readonly request: ToolRequest;
}

export type RunNews =
  | ({ readonly kind: 'waiting' } & WaitingCall)
  | { readonly kind: 'ended'; readonly state: string; readonly code: string | null; readonly refusals: readonly string[] };

export interface WorkflowTarget {
  /** Opens the ticket at the shop; the run its signed delivery began. */
  open(ticket: { readonly customerId: string; readonly subject: string; readonly body: string }): Promise<{
    readonly ticket: string;
    readonly run: string;
  }>;
  /** The next thing that happens: a call waits that is not among the decided, or the run has ended. */
  news(run: string, decided: ReadonlySet<string>): Promise<RunNews>;
  approve(approvalId: string): Promise<void>;
  deny(approvalId: string): Promise<void>;
}

export interface WorkflowPlay {
  /** What the model said to the agent; a run shows nobody anything but what reached the shop. */
  readonly reply: string;
  readonly refusals: readonly string[];
  readonly approved: number;
  readonly left: number;
  /** Why the run is not what a twin needs. */
  readonly failed: readonly string[];
}

export const ticketOf = ({ ticket, calls }: Scenario): string => ticket ?? ticketTelling(calls ?? []);

export async function playWorkflow(
  target: WorkflowTarget,
  cast: Cast,
  scenario: Scenario,
  values: readonly PersonalValue[],
): Promise<WorkflowPlay> {
  const agrees = createHonestPerson(scenario, cast, values);
  const decided = new Set<string>();
  let approved = 0;
  const opened = await target.open({ customerId: cast.customer.id, subject: 'Question', body: ticketOf(scenario) });
  if (opened.ticket !== cast.ticket) throw new Error('the shop gave the ticket another number than it was staged under');
  for (;;) {
    const news = await target.news(opened.run, decided);
    if (news.kind === 'ended') {
      const refusals = [...news.refusals, ...Array.from({ length: decided.size - approved }, () => 'ENDORSEMENT_REQUIRED')];
      const failed = news.state === 'done' ? [] : [`the run (${news.code ?? news.state})`];
      return { reply: '', refusals, approved, left: decided.size - approved, failed };
    }
    decided.add(news.approvalId);
    if (agrees(news.request)) {
      approved += 1;
      await target.approve(news.approvalId);
    } else await target.deny(news.approvalId);
  }
}

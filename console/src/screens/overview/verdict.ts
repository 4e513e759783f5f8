// The one sentence of the overview: the worst thing that is true, and what to do about it. Pure.

import type { HealthState } from '../../api/audit.ts';
import type { Overview } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';

const text = strings.overview.verdict;
const { links } = strings.overview;

export interface Verdict {
  readonly tone: 'good' | 'warn' | 'bad' | 'info';
  readonly sentence: string;
  readonly act: { readonly to: '/inbox' | '/audit' | '/connect' | '/access'; readonly name: string; readonly note?: string } | null;
}

/** What stands below as "look at this" and is neither urgent nor waiting. */
export function attentionOf({ integrations, keys }: Pick<Overview, 'integrations' | 'keys'>): number {
  const flags = [integrations.total === 0, integrations.operationsToReview > 0, keys.active === 0 || keys.expiringSoon > 0];
  return flags.filter(Boolean).length;
}

/** `health`: of the log; `null` while it is not known. Its problems stand above in full, so here nothing says that all is well. */
export function verdictOf(overview: Overview, health: HealthState | null = 'ok'): Verdict {
  const { unresolved, lastVerified, calls } = overview;
  if (lastVerified?.ok === false) {
    return { tone: 'bad', sentence: text.notVerified, act: { to: '/audit', name: links.audit, note: text.notVerifiedAct } };
  }
  if (unresolved > 0) {
    return { tone: 'bad', sentence: text.unresolved(unresolved), act: { to: '/inbox', name: links.inbox, note: text.unresolvedAct } };
  }
  const isLogInOrder = health !== 'late' && health !== 'failed';
  if (calls.waiting > 0) {
    const sentence = (isLogInOrder ? text.waiting : text.waitingOnly)(calls.waiting);
    return { tone: 'info', sentence, act: { to: '/inbox', name: links.inbox } };
  }
  if (calls.guarded === 0 && overview.integrations.total === 0) {
    return { tone: 'info', sentence: text.quiet, act: { to: '/connect', name: links.connect, note: text.quietAct } };
  }
  if (!isLogInOrder) {
    return { tone: health === 'failed' ? 'bad' : 'warn', sentence: text.logNotInOrder, act: { to: '/audit', name: links.audit } };
  }
  const attention = attentionOf(overview);
  if (attention > 0) return { tone: 'warn', sentence: text.attention(attention), act: null };
  return { tone: 'good', sentence: health === null ? text.safeSoFar : text.safe, act: null };
}

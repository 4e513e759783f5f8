// A step at which a person decides before the run goes on. The words are the workflow's own, constant and signed; what is shown in them is
// quoted and bounded by us, so that nothing in a value can pass for our words.

import { showValue } from '#connectors';
import { canonicalJson, type Digest, type JsonValue, type Label, labelBy, TRUSTED_CONSTANT } from '#core';
import type { Action, Decision, Question } from './action.ts';
import type { Confirms, Step } from './definition.ts';
import { evaluateHere, isOpen, settle, stop, type Walk, wholeLabels } from './walk.ts';

type ApprovalStep = Extract<Step, { kind: 'approval' }>;

export const DECISION = 'decision';

export function approvalOf(walk: Walk, step: ApprovalStep): Action | null {
  const shown = evaluateHere(walk, step.show);
  if (shown.kind === 'fault') return stop(step.id);
  const phase = walk.phases.get(`${step.id}/${DECISION}`);
  if (!isOpen(phase)) return settle(walk, { id: step.id, onRefusal: step.onDenied }, phase, TRUSTED_CONSTANT);
  const decided = step.confirms === null ? null : decisionOf(walk, step.confirms);
  if (decided === 'fault') return stop(step.id);
  const own = decided === null ? {} : decided.shown;
  const question: Question = {
    title: step.title,
    sentence: `${sentenceOf(step, shown.values)}${decided === null ? '' : ` ${decided.sentence}`}`,
    shown: { ...shown.values, ...own },
    expiresAfterMs: step.expiresAfterMs,
    decision: decided?.decision ?? null,
  };
  return {
    kind: 'approval',
    step: step.id,
    phase: DECISION,
    question,
    shownLabels: { ...wholeLabels(shown.labels), ...decided?.labels },
    approval: phase?.approval ?? null,
  };
}

/** What a machine proposes and why, in our words around theirs; a proposal that is none of the options is put before nobody. */
function decisionOf(walk: Walk, confirms: Confirms) {
  const found = evaluateHere(walk, { proposed: confirms.proposal, because: confirms.because });
  if (found.kind === 'fault') return 'fault' as const;
  const { proposed, because } = found.values;
  const { options, otherwise, contest, kind, effect } = confirms;
  if (typeof proposed !== 'string' || !Object.hasOwn(options, proposed)) return 'fault' as const;
  const sentence =
    `Proposed by a machine: ${showValue(options[proposed] ?? '')}, because ${showValue(because ?? null)}. ` +
    `Yes decides that; no decides ${showValue(options[otherwise] ?? '')}. The customer may contest it: ${showValue(contest.text)}.`;
  return {
    sentence,
    shown: { proposed, because: because ?? null },
    labels: wholeLabels(found.labels),
    decision: { kind, effect, proposed, otherwise, contest } satisfies Decision,
  };
}

/** What a person's decision is: theirs alone, however they were asked; that they were asked at all is the branch's. */
export function decisionLabel(by: string | null): Label {
  return labelBy('person_decided', { sources: new Set(by === null ? [] : [`person:${by}`]) });
}

function sentenceOf(step: ApprovalStep, values: Readonly<Record<string, JsonValue>>): string {
  const used = new Set<string>();
  const text = step.sentence.replace(/\{([a-z][a-z0-9_]*)\}/g, (_slot, name: string) => {
    used.add(name);
    return showValue(values[name] ?? null);
  });
  const rest = Object.entries(values).filter(([name]) => !used.has(name));
  const more = rest.length === 0 ? '' : ` Shown: ${rest.map(([name, value]) => `${name} ${showValue(value)}`).join(', ')}.`;
  return `${step.title}. ${text}${more}`;
}

/** SHA-256 over exactly what is decided: which step of which content in which run, and every word and value that is shown. */
export function questionDigest(
  digest: Digest,
  place: { readonly tenant: string; readonly run: string; readonly workflow: string; readonly hash: string; readonly step: string },
  question: Question,
): string {
  const { title, sentence, shown, decision } = question;
  const decides = decision === null ? {} : { decision: { ...decision, contest: { ...decision.contest } } };
  return digest.sha256(canonicalJson({ kind: 'workflow.approval', ...place, title, sentence, shown, ...decides }));
}

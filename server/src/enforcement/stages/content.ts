// Rules for text that leaves through a connector: no unresolved placeholder, no data of another customer, no foreign link.

import type { MatchedOperation } from '#connectors';
import { isEffectful, isRefusal, type LabelledPart, type Refusal, refuse } from '#core';
import { createKnownMatcher, detect, hasPlaceholder } from '#dlp';
import { createTextScreen } from '#guardrails';
import type { GuardDeps } from '../ports.ts';
import type { Resolved } from '../types.ts';
import { runMemoryOf } from './run-memory.ts';

export async function checkContent(deps: GuardDeps, call: Resolved, matched: MatchedOperation): Promise<Refusal | null> {
  if (!isEffectful(matched.operation.effect)) return null;
  const stray = call.parts.find((part) => hasPlaceholder(part.text));
  if (stray !== undefined) {
    return refuse('ENFORCEMENT_PLACEHOLDER_IN_ARGUMENT', 'An argument still holds a placeholder instead of a value.', {
      argument: String(stray.path[0]),
    });
  }
  const content = call.parts.filter((part) => roleOf(matched, part) === 'content');
  if (content.length === 0) return null;
  return (await otherSubject(deps, call, content)) ?? foreignLink(call, content);
}

function roleOf(matched: MatchedOperation, part: LabelledPart): string | null {
  return matched.operation.arguments.find((argument) => argument.name === part.path[0])?.role ?? null;
}

/** The run may have read other people's records; none of their values may reach this customer. */
async function otherSubject(deps: GuardDeps, call: Resolved, content: readonly LabelledPart[]): Promise<Refusal | null> {
  const memory = runMemoryOf(call);
  if (memory === null) return null;
  const { known } = await deps.runs.open(call.principal.tenant, memory);
  const foreign = known.filter((value) => value.subject !== null && value.subject !== call.customer?.id);
  if (foreign.length === 0) return null;
  const matcher = createKnownMatcher(foreign);
  const leaking = content.find((part) => detect(part.text, { known: matcher }).some((span) => span.known));
  if (leaking === undefined) return null;
  return refuse('ENFORCEMENT_CONTENT_OTHER_SUBJECT', 'The text holds personal data of somebody other than the customer of this run.', {
    argument: String(leaking.path[0]),
  });
}

function foreignLink(call: Resolved, content: readonly LabelledPart[]): Refusal | null {
  for (const part of content) {
    const screen = createTextScreen({
      allowedLinkHosts: call.integration.linkHosts,
      requestText: () => false,
      plainLinks: false,
      hasPlaceholder,
    });
    let released = '';
    for (const verdict of [screen.push(part.text), screen.end()]) {
      if (isRefusal(verdict)) return verdict;
      released += verdict.release;
    }
    if (released !== part.text) {
      return refuse('ENFORCEMENT_CONTENT_LINK', 'The text holds a link, image or hidden text that may not leave.', {
        argument: String(part.path[0]),
      });
    }
  }
  return null;
}

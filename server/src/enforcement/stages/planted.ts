// Holds what crosses against values that tenants planted: what leaves in clear, and what comes back from where it never was.
// INVARIANT: only what leaves can be refused, and only for a value of the caller's own tenant; everything else is noted and passes.

import type { Refusal } from '#core';
import type { CanaryCrossing, GuardDeps } from '../ports.ts';
import type { OutputHooks, Rendered, Sent } from '../types.ts';
import { destinationOf, towardsModel } from './data-classes.ts';

type Deps = Pick<GuardDeps, 'canaries' | 'dataMatrix'>;

function crossingOf(deps: Deps, call: Rendered): CanaryCrossing {
  const { principal, integration, matched, customer } = call;
  const place = { tenant: principal.tenant, integration: integration.name };
  if (matched === null) {
    const { handling } = towardsModel(deps, call);
    return { ...place, way: 'model', isClear: (type) => handling[type] === 'clear' };
  }
  // Whom a message reaches is known; what is written to a record stays where it is.
  const isMessage = matched.operation.effect === 'send';
  return { ...place, way: destinationOf(matched), customer: isMessage ? (customer?.id ?? null) : null };
}

/** The last look at what leaves, as it leaves. */
export function withinPlanted(deps: Deps, call: Rendered): Rendered | Refusal {
  const { outgoing, received, matched } = call;
  const body = outgoing.body ?? '';
  const { request } = received;
  const refused =
    matched === null && request.kind === 'model'
      ? deps.canaries.leaving(crossingOf(deps, call), [body], [request.raw])
      : deps.canaries.leaving(crossingOf(deps, call), [outgoing.path, body]);
  return refused ?? call;
}

/** What an operation answered, before anything is made of it. */
export function watchAnswer(deps: Deps, call: Sent): void {
  if (call.matched !== null && call.replay === null && call.answer.kind === 'whole')
    deps.canaries.arriving(crossingOf(deps, call), call.answer.bytes);
}

/** What a model says, before placeholders are put back: a value in clear came from its provider. */
export function watchReply(deps: Deps, call: Sent, hooks: OutputHooks): OutputHooks {
  const crossing = crossingOf(deps, call);
  return {
    ...hooks,
    openText: () => {
      const channel = hooks.openText();
      const read = deps.canaries.reader(crossing);
      if (read === null) return channel;
      return {
        push: (text) => {
          read(text);
          return channel.push(text);
        },
        end: () => channel.end(),
      };
    },
    toolCalls: (calls) => {
      for (const { arguments: text } of calls) deps.canaries.arriving(crossing, text);
      return hooks.toolCalls(calls);
    },
  };
}

// What the operator's model of names says of the texts of a call, asked before anything is rendered: the texts are collected, read together, and
// handed to the guesses. INVARIANT: a call the model did not read is never treated as read: it is told, and refused where its doubts decide.

import { type JsonObject, makeEvent, type Refusal, refuse } from '#core';
import type { DlpType, Guessing, NerSpan } from '#dlp';
import type { GuardDeps } from '../ports.ts';
import type { Screened } from '../types.ts';

type Deps = Pick<GuardDeps, 'names' | 'dataMatrix' | 'events' | 'clock' | 'random' | 'onFault'>;
export type Second = NonNullable<Guessing['second']>;

const NOTHING: readonly NerSpan[] = Object.freeze([]);
/** Numbers, codes and marks hold no name. */
const HAS_WORD = /\p{L}[\p{L}\p{M}]/u;

/** Classes whose doubts stop a call: without the model nobody can say that there are none. */
function decides({ names, dataMatrix }: Pick<Deps, 'names' | 'dataMatrix'>, call: Screened): DlpType | null {
  const { unsureByType } = dataMatrix.of(call.principal.tenant);
  return [...(names?.types ?? [])].find((type) => unsureByType[type] === 'refuse' || unsureByType[type] === 'ask') ?? null;
}

function tellUnread(deps: Deps, call: Screened, refused: boolean): void {
  const { tenant, workload } = call.principal;
  const facts: JsonObject = { call: call.received.call, workload, integration: call.integration.name, refused };
  const event = makeEvent(deps, {
    tenant,
    type: 'enforcement.names.unread',
    actor: workload,
    subject: call.integration.name,
    public: facts,
  });
  deps.events.appendSoon(event).catch(() => deps.onFault('ENFORCEMENT_NAMES_UNREAD', call.received.call));
}

/** `collect` renders the call with a finder that only notes what it is asked; nothing of that leaves. */
export async function readNames(deps: Deps, call: Screened, collect: (second: Second) => void): Promise<Second | null | Refusal> {
  const { names } = deps;
  if (names === null) return null;
  const texts = new Set<string>();
  collect((text) => {
    if (HAS_WORD.test(text)) texts.add(text);
    return NOTHING;
  });
  if (texts.size === 0) return null;
  const found = await names.find(call.principal.tenant, [...texts]);
  if (found !== null) return (text) => found.get(text) ?? NOTHING;
  const decided = decides(deps, call);
  const isRefused = names.isRequired || decided !== null;
  if (names.isToTell(call.principal.tenant, isRefused)) tellUnread(deps, call, isRefused);
  if (!isRefused) return null;
  return refuse(
    'ENFORCEMENT_NAMES_UNREAD',
    'The model of names did not read this call in time, so nobody can say what it holds; nothing was sent.',
    { because: names.isRequired ? 'required' : 'unsure', ...(decided === null ? {} : { type: decided }) },
  );
}

// What a destination may see, by class of data: counts what a model's request held, refuses what may not leave at all, and holds an
// operation's arguments to what it may be given. INVARIANT: nothing of what was found is repeated in a refusal, only its class.

import type { MatchedOperation } from '#connectors';
import {
  type ArgumentSpec,
  type DataClass,
  type DestinationKind,
  dataClassOfType,
  type Handling,
  type LabelledPart,
  type Refusal,
  readersOf,
  refuse,
} from '#core';
import {
  type Conversation,
  createKnownMatcher,
  type Destination,
  DLP_TYPES,
  type DlpType,
  detect,
  type Guessing,
  type KnownMatcher,
  patternMeter,
} from '#dlp';
import type { Towards } from '../data-matrix/matrix.ts';
import type { GuardDeps } from '../ports.ts';
import type { Screened } from '../types.ts';
import { runMemoryOf } from './run-memory.ts';

type Deps = Pick<GuardDeps, 'dataMatrix' | 'dataHits' | 'database' | 'runs'>;

export function towardsModel({ dataMatrix }: Pick<Deps, 'dataMatrix'>, call: Screened): Towards {
  return dataMatrix.of(call.principal.tenant).towards('model', call.integration.name);
}

/** What a conversation guesses with: the lists, and what this tenant does with a guess that is not sure. Null where the tenant wants none. */
export function guessingFor(
  { guessing, dataMatrix, shopGoods, names }: Pick<GuardDeps, 'guessing' | 'dataMatrix' | 'shopGoods' | 'names'>,
  call: Screened,
): Guessing | null {
  if (guessing === null) return null;
  const { tenant } = call.principal;
  const { unsureByType } = dataMatrix.of(tenant);
  // What the operator requires, no tenant switches off.
  if (!dataMatrix.guesses(tenant) && names?.isRequired !== true) return null;
  const catalogue = shopGoods.of(tenant);
  return { lists: guessing.lists, language: null, catalogue, unsure: unsureByType, memo: { memo: guessing.memo, scope: tenant } };
}

/** A guess that is not sure, of a class whose doubts are refused. Those that a person decides are put before one later (`ask-doubts.ts`). */
function doubtOf({ doubted }: Conversation, { kind, integration }: Towards): Refusal | null {
  const [type] = Object.keys(doubted.refuse);
  if (type === undefined) return null;
  return refuse('ENFORCEMENT_DATA_CLASS_UNSURE', 'The call may hold a class of data of which doubts are refused; nothing was sent.', {
    class: dataClassOfType(type) ?? 'credential',
    destination: kind,
    unsure: 'refuse',
    ...(integration === null ? {} : { integration }),
  });
}

/** Counts what was found in a model's request, and refuses it when a class is to be refused. */
export function checkRendered(
  { dataHits }: Pick<Deps, 'dataHits'>,
  call: Screened,
  conversation: Conversation,
  towards: Towards,
): Refusal | null {
  const found = Object.entries(conversation.counts).concat(Object.entries(conversation.cleared));
  for (const [type, count] of found) if (type !== 'LITERAL') dataHits.note(call.principal.tenant, towards, type as DlpType, count);
  const [first] = Object.keys(conversation.refused);
  return first === undefined ? doubtOf(conversation, towards) : notForThere(towards, first as DlpType, {});
}

/** What rules on trial would have done with what was found, by class: for the record of the call. */
export function onTrial(conversation: Conversation, { trial }: Towards): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [type, handling] of trial) {
    const count = (conversation.counts[type] ?? 0) + (conversation.cleared[type] ?? 0);
    const key = `${dataClassOfType(type) ?? 'credential'}.${handling}`;
    if (count > 0) counts[key] = (counts[key] ?? 0) + count;
  }
  return counts;
}

/** Types that are recognised by form alone; others are known from a record. */
const BY_FORM: ReadonlySet<DlpType> = new Set<DlpType>(['SECRET', 'CARD', 'IBAN', 'SSN', 'EMAIL', 'PHONE', 'URL', 'IP']);

/** The arguments of an operation against what its integration may see. Values that may not be there refuse the call before anybody is asked. */
export async function withinDataClasses(deps: Deps, call: Screened): Promise<Screened | Refusal> {
  const { matched } = call;
  if (matched === null || call.parts.length === 0) return call;
  const { tenant } = call.principal;
  const towards = deps.dataMatrix.of(tenant).towards(destinationOf(matched), call.integration.name);
  const known = await knownFor(deps, call, matched, towards);
  const patterns = deps.dataMatrix.patternsOf(tenant);
  const meter = patternMeter();
  for (const part of call.parts) {
    const argument = matched.operation.arguments.find(({ name }) => name === part.path[0]);
    const found = new Map<DlpType, number>();
    for (const { type, personal, start, end } of detect(part.text, { patterns, meter, ...(known === null ? {} : { known }) })) {
      if (personal && !isBareId(argument, type, part.text.slice(start, end), part)) found.set(type, (found.get(type) ?? 0) + 1);
    }
    for (const [type, count] of found) {
      if (type === 'SECRET' && argument?.role === 'secret') continue;
      deps.dataHits.note(tenant, towards, type, count);
      if (!mayTake(argument, towards, type))
        return notForThere(towards, type, { operation: matched.operation.name, argument: String(part.path[0]) });
    }
  }
  return call;
}

/** A page that anybody may have written is the web, whoever fetches it. */
export function destinationOf({ operation }: MatchedOperation): DestinationKind {
  return operation.effect === 'fetch' ? 'web' : 'tool';
}

/** What the argument says it takes, within what the destination may see at all. */
function mayTake(argument: ArgumentSpec | undefined, { seen }: Towards, type: DlpType): boolean {
  if (!seen.has(type)) return false;
  const takes = argument?.takes;
  return takes === undefined || takes.includes(dataClassOfType(type) as DataClass);
}

/** Ids of shops are long numbers too: one in ten passes the check of a card number. */
const MIN_CARD_DIGITS = 15;

function isBareId(argument: ArgumentSpec | undefined, type: DlpType, surface: string, part: LabelledPart): boolean {
  const names = argument?.role === 'selector' || argument?.role === 'target';
  return (type === 'CARD' || type === 'PHONE') && names && /^\d+$/.test(part.text) && surface.length < MIN_CARD_DIGITS;
}

/** Names and addresses are looked for only where a rule or the manifest keeps some class back. */
async function knownFor(deps: Deps, call: Screened, matched: MatchedOperation, { seen }: Towards): Promise<KnownMatcher | null> {
  const isNarrow = matched.operation.arguments.some(({ takes }) => takes !== undefined);
  if (!isNarrow && DLP_TYPES.every((type) => BY_FORM.has(type) || seen.has(type))) return null;
  const memory = runMemoryOf(call);
  if (memory === null) return null;
  const { known } = await deps.runs.open(call.principal.tenant, memory);
  return known.length === 0 ? null : createKnownMatcher(known);
}

/** For a reply: what the customer may read whom the call is for. Without one it goes back to whoever sent the values; and our runtime reads it itself. */
export function replyDestination(
  { dataMatrix }: Pick<Deps, 'dataMatrix'>,
  call: Pick<Screened, 'customer' | 'principal' | 'binding'>,
  conversation: Conversation,
): { readonly to: Pick<Destination, 'types' | 'hidden'>; readonly towards: Towards | null } {
  if (call.customer === null || call.binding.tier === 'native') return { to: { types: 'all' }, towards: null };
  const towards = dataMatrix.of(call.principal.tenant).towards('customer', null);
  const hidden = conversation.size === 0 ? undefined : conversation.ofOthers(call.customer.id);
  return { to: { types: towards.seen, ...(hidden === undefined ? {} : { hidden }) }, towards };
}

export interface ToolDestination {
  readonly types: ReadonlySet<DlpType>;
  readonly towards: Towards;
  /** Arguments that somebody else than the tool reads in the end, and what they may see. */
  readonly texts?: { readonly names: ReadonlySet<string>; readonly towards: Towards };
}

/** For the arguments of a tool call: what the operation of that name may be given, any tool where there is none, and of several what all of them may. */
export function toolDestination(
  { dataMatrix, catalogue }: Pick<GuardDeps, 'dataMatrix' | 'catalogue'>,
  call: Pick<Screened, 'principal'>,
  tool: string,
): ToolDestination {
  const { tenant } = call.principal;
  const matrix = dataMatrix.of(tenant);
  const name = toolForm(tool);
  const named = catalogue
    .list(tenant)
    .flatMap((integration) =>
      (integration.manifest?.operations ?? [])
        .filter((operation) => toolForm(operation.name) === name)
        .map((operation) => ({ integration: integration.name, operation })),
    );
  const each = named.map(({ integration, operation }) => {
    const towards = matrix.towards(operation.effect === 'fetch' ? 'web' : 'tool', integration);
    const readers = readersOf(operation);
    const read = readers === null ? null : matrix.towards(readers, readers === 'web' ? integration : null);
    const texts = read === null ? {} : { texts: { towards: read, names: namesOfTexts(operation) } };
    const taken = operation.arguments.map(({ takes }) => takes);
    // An argument that says nothing takes whatever its destination may see.
    if (taken.length === 0 || taken.includes(undefined)) return { types: towards.seen, towards, ...texts };
    const classes = new Set(taken.flatMap((takes) => takes ?? []));
    return { types: new Set([...towards.seen].filter((type) => classes.has(dataClassOfType(type) as DataClass))), towards, ...texts };
  });
  const [only] = each;
  if (only !== undefined && each.length === 1) return only;
  const towards = matrix.towards('tool', null);
  // Which of them is called is not known: nobody who reads the texts of one is shown more than they may see.
  const mayBeRead = (type: DlpType): boolean =>
    each.every(({ types, texts }) => types.has(type) && texts?.towards.seen.has(type) !== false);
  return { types: new Set([...towards.seen].filter(mayBeRead)), towards };
}

const namesOfTexts = (operation: MatchedOperation['operation']): ReadonlySet<string> =>
  new Set(operation.arguments.filter(({ role }) => role === 'content').map(({ name }) => name));

/** Models are offered `orders_get` where the operation is `orders.get`: their protocols allow no dots. */
const toolForm = (name: string): string => name.replace(/[^A-Za-z0-9]/g, '_').toLowerCase();

export function notForThere({ kind, integration, handling }: Towards, type: DlpType, place: Readonly<Record<string, string>>): Refusal {
  const decided: Handling = handling[type];
  return refuse('ENFORCEMENT_DATA_CLASS_REFUSED', 'The call holds a class of data that this destination may not see; nothing was sent.', {
    class: dataClassOfType(type) ?? 'credential',
    destination: kind,
    handling: decided,
    ...(integration === null ? {} : { integration }),
    ...place,
  });
}

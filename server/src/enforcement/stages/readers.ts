// Who reads in the end what an operation sends: the customer it is for, or anybody. The column of the matrix for them holds beside that of the
// integration, and the stricter of the two decides. INVARIANT: what may not stand in a text is taken out of it or refuses the call; it never
// leaves because only the shop may see it.

import type { MatchedOperation } from '#connectors';
import { isArray, isObject, type JsonPath, type JsonValue, type LabelledPart, type Refusal, readersOf } from '#core';
import { createKnownMatcher, detect, maskOf } from '#dlp';
import type { GuardDeps } from '../ports.ts';
import type { Screened } from '../types.ts';
import { notForThere } from './data-classes.ts';
import { replaceAt } from './replace-at.ts';
import { runMemoryOf } from './run-memory.ts';

type Deps = Pick<GuardDeps, 'dataMatrix' | 'dataHits' | 'runs'>;

export async function withinReaders(deps: Deps, call: Screened): Promise<Screened | Refusal> {
  const { matched } = call;
  const kind = matched === null ? null : readersOf(matched.operation);
  if (matched === null || kind === null) return call;
  const isText = new Set(matched.operation.arguments.filter(({ role }) => role === 'content').map(({ name }) => name));
  const { tenant } = call.principal;
  const towards = deps.dataMatrix.of(tenant).towards(kind, kind === 'web' ? call.integration.name : null);
  const memory = runMemoryOf(call);
  const known = memory === null ? [] : (await deps.runs.open(tenant, memory)).known;
  const search = { patterns: deps.dataMatrix.patternsOf(tenant), ...(known.length === 0 ? {} : { known: createKnownMatcher(known) }) };
  const parts: LabelledPart[] = [];
  let args: JsonValue = matched.args as JsonValue;
  for (const part of call.parts) {
    const found = isText.has(String(part.path[0])) ? detect(part.text, search).filter(({ personal }) => personal) : [];
    let text = '';
    let at = 0;
    for (const { type, start, end } of found) {
      deps.dataHits.note(tenant, towards, type, 1);
      const handling = towards.handling[type];
      if (handling === 'clear') continue;
      if (handling === 'refuse' || leafAt(args, part.path) !== part.text)
        return notForThere(towards, type, { operation: matched.operation.name, argument: String(part.path[0]) });
      text += part.text.slice(at, start) + maskOf(type, part.text.slice(start, end));
      at = end;
    }
    if (at === 0) {
      parts.push(part);
      continue;
    }
    text += part.text.slice(at);
    args = replaceAt(args, part.path, text);
    parts.push({ ...part, text });
  }
  return args === matched.args ? call : { ...call, parts, matched: { ...matched, args: args as MatchedOperation['args'] } };
}

/** A number, or the key of an object, can not be masked where it stands. */
function leafAt(value: JsonValue, path: JsonPath): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((here, step) => {
    if (isArray(here)) return here[step as number];
    return isObject(here) && Object.hasOwn(here, step) ? here[String(step)] : undefined;
  }, value);
}

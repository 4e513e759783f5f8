// Writes the request that leaves, from the checked arguments alone, in one fixed form.

import { isObject, type JsonObject, type JsonValue } from '#core';
import type { MatchedOperation } from './match-operation.ts';
import { fillTemplate, parseTemplate } from './path-template.ts';

export interface EncodedOperation {
  readonly method: string;
  /** Path below the integration's origin, with the query. */
  readonly path: string;
  readonly body: JsonValue | null;
}

export function encodeOperation({ operation, args }: MatchedOperation): EncodedOperation {
  const present = operation.arguments.filter((argument) => Object.hasOwn(args, argument.name));
  const path = fillTemplate(parseTemplate(operation.path) ?? [], (name) => String(args[name]));
  const query = present
    .filter((argument) => argument.slot === 'query')
    .map((argument) => `${encodeURIComponent(argument.at)}=${encodeURIComponent(String(args[argument.name]))}`);
  const bodiless = operation.method === 'GET' || operation.method === 'DELETE';
  const body: MutableObject = {};
  for (const argument of present) {
    if (argument.slot === 'body') place(body, argument.at.split('.'), args[argument.name] as JsonValue);
  }
  return { method: operation.method, path: query.length === 0 ? path : `${path}?${query.join('&')}`, body: bodiless ? null : body };
}

interface MutableObject {
  [key: string]: JsonValue | MutableObject;
}

function place(object: MutableObject, keys: readonly string[], value: JsonValue): void {
  const [key = '', ...rest] = keys;
  if (rest.length === 0) {
    object[key] = value;
    return;
  }
  const inner = Object.hasOwn(object, key) && isObject(object[key]) ? (object[key] as MutableObject) : {};
  object[key] = inner as JsonObject;
  place(inner, rest, value);
}

// Finds the one declared operation a request is, and takes it apart into named, checked arguments.
// INVARIANT: what leaves for the integration is rebuilt from these arguments; whatever is not declared never gets that far.

import {
  type ArgumentSpec,
  isObject,
  type JsonObject,
  type JsonValue,
  type Manifest,
  type OperationRequest,
  type OperationSpec,
  type Refusal,
  refuse,
} from '#core';
import { checkArgument, readText } from './check-argument.ts';
import { decodePath, parseTemplate, type Segment } from './path-template.ts';

export interface MatchedOperation {
  readonly operation: OperationSpec;
  /** By argument name; arguments that were left out are not there. */
  readonly args: Readonly<Record<string, JsonValue>>;
}

export function matchOperation(manifest: Manifest, request: OperationRequest): MatchedOperation | Refusal {
  const segments = decodePath(request.path);
  if (segments === null) return refuse('CONNECTORS_PATH_UNSAFE', 'The path could be read in more than one way; send it in its plain form.');
  const routes = routesOf(manifest);
  const route = routes.find((candidate) => candidate.operation.method === request.method && fits(candidate.segments, segments));
  if (route === undefined) {
    return refuse('CONNECTORS_OPERATION_UNKNOWN', 'The integration declares no operation with this method and path.', {
      integration: manifest.name,
    });
  }
  if (readsAsOther(routes, route, segments)) {
    return refuse('CONNECTORS_PATH_UNSAFE', 'The path holds the name of another route in the place of an identifier.', {
      operation: route.operation.name,
    });
  }
  return collect(route, segments, request);
}

interface Route {
  readonly operation: OperationSpec;
  readonly segments: readonly Segment[];
}

// Derived from the frozen manifest alone, so it is computed once a manifest. Templates with literals come first: `/orders/search`
// is never read as the order called "search".
const routesByManifest = new WeakMap<Manifest, readonly Route[]>();

function routesOf(manifest: Manifest): readonly Route[] {
  const known = routesByManifest.get(manifest);
  if (known !== undefined) return known;
  const routes = manifest.operations.map((operation) => ({ operation, segments: parseTemplate(operation.path) ?? [] }));
  const rank = (route: Route): string =>
    route.segments.map((segment) => (segment.kind === 'literal' ? '0' : segment.suffix === '' ? '2' : '1')).join('');
  const sorted = [...routes].sort((left, right) => (rank(left) < rank(right) ? -1 : rank(left) > rank(right) ? 1 : 0));
  routesByManifest.set(manifest, sorted);
  return sorted;
}

function fits(template: readonly Segment[], segments: readonly string[]): boolean {
  return (
    template.length === segments.length &&
    template.every((part, index) => {
      const text = segments[index] as string;
      if (part.kind === 'literal') return part.text === text;
      return text.endsWith(part.suffix) && parameterText(part.suffix, text) !== null;
    })
  );
}

function parameterText(suffix: string, segment: string): string | null {
  const text = segment.slice(0, segment.length - suffix.length);
  return text === '' || text === '.' || text === '..' ? null : text;
}

/** `/orders/Search` for `/orders/{id}` while a route `/orders/search` exists: a router that ignores case would go there. */
function readsAsOther(routes: readonly Route[], chosen: Route, segments: readonly string[]): boolean {
  const folded = (text: string): string => text.normalize('NFKC').toLowerCase();
  return routes.some(
    (route) =>
      route !== chosen &&
      route.segments.length === segments.length &&
      route.segments.some(
        (part, index) =>
          part.kind === 'literal' &&
          chosen.segments[index]?.kind === 'parameter' &&
          folded(segments[index] as string) === folded(part.text),
      ) &&
      route.segments.every((part, index) => part.kind === 'parameter' || folded(part.text) === folded(segments[index] as string)),
  );
}

function collect(route: Route, segments: readonly string[], request: OperationRequest): MatchedOperation | Refusal {
  const { operation } = route;
  const received = new Map<string, JsonValue>();
  const fault =
    collectPath(route, segments, received) ?? collectQuery(operation, request.query, received) ?? collectBody(operation, request, received);
  if (fault !== null) return fault;
  const args: Record<string, JsonValue> = {};
  for (const argument of operation.arguments) {
    const value = received.get(argument.name);
    if (value === undefined) {
      if (argument.required)
        return refuse('CONNECTORS_ARGUMENT_MISSING', `The argument ${argument.name} is missing.`, { argument: argument.name });
      continue;
    }
    const wrong = checkArgument(argument, value);
    if (wrong !== null) return wrong;
    args[argument.name] = value;
  }
  return { operation, args: Object.freeze(args) };
}

function collectPath(route: Route, segments: readonly string[], received: Map<string, JsonValue>): Refusal | null {
  for (const [index, part] of route.segments.entries()) {
    if (part.kind === 'literal') continue;
    const argument = route.operation.arguments.find((each) => each.name === part.name) as ArgumentSpec;
    const fault = receiveText(argument, parameterText(part.suffix, segments[index] as string) as string, received);
    if (fault !== null) return fault;
  }
  return null;
}

function collectQuery(operation: OperationSpec, query: OperationRequest['query'], received: Map<string, JsonValue>): Refusal | null {
  for (const [key, text] of query) {
    const argument = operation.arguments.find((each) => each.slot === 'query' && each.at === key);
    if (argument === undefined) return unknownArgument(operation, 'query');
    if (received.has(argument.name)) {
      return refuse('CONNECTORS_ARGUMENT_REPEATED', `The query argument ${argument.name} stands more than once.`, {
        argument: argument.name,
      });
    }
    const fault = receiveText(argument, text, received);
    if (fault !== null) return fault;
  }
  return null;
}

function receiveText(argument: ArgumentSpec, text: string, received: Map<string, JsonValue>): Refusal | null {
  const value = readText(argument, text);
  if (value === null) {
    return refuse('CONNECTORS_ARGUMENT_INVALID', `The argument ${argument.name} must be of type ${argument.type} in its plain form.`, {
      argument: argument.name,
    });
  }
  received.set(argument.name, value);
  return null;
}

function unknownArgument(operation: OperationSpec, where: 'query' | 'body'): Refusal {
  return refuse('CONNECTORS_ARGUMENT_UNKNOWN', `The ${where} carries an argument that ${operation.name} does not declare.`, {
    operation: operation.name,
    where,
  });
}

function collectBody(operation: OperationSpec, request: OperationRequest, received: Map<string, JsonValue>): Refusal | null {
  if (request.body === undefined) return null;
  const places = operation.arguments.filter((argument) => argument.slot === 'body');
  const bodiless = operation.method === 'GET' || operation.method === 'DELETE';
  if (bodiless || !isObject(request.body)) {
    return refuse('CONNECTORS_BODY_UNEXPECTED', `The operation ${operation.name} takes ${bodiless ? 'no body' : 'a JSON object'}.`, {
      operation: operation.name,
    });
  }
  return collectObject(operation, places, request.body, '', received);
}

/** Walks only along declared places; a key that leads to none is unknown, at any depth. */
function collectObject(
  operation: OperationSpec,
  places: readonly ArgumentSpec[],
  object: JsonObject,
  prefix: string,
  received: Map<string, JsonValue>,
): Refusal | null {
  for (const [key, value] of Object.entries(object)) {
    const at = prefix + key;
    const argument = key.includes('.') ? undefined : places.find((place) => place.at === at);
    if (argument !== undefined) {
      // A null stands for "left out"; it is not sent on, so an upstream can not give it a meaning of its own.
      if (value !== null) received.set(argument.name, value);
      continue;
    }
    if (key.includes('.') || !isObject(value) || !places.some((place) => place.at.startsWith(`${at}.`)))
      return unknownArgument(operation, 'body');
    const fault = collectObject(operation, places, value, `${at}.`, received);
    if (fault !== null) return fault;
  }
  return null;
}

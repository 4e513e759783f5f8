// What of somebody a call carries to its destination, and whether it may go there. Counts what went, and what an answer brought.
// INVARIANT: what leaves is judged as it leaves, after placeholders were set; a value is never kept, only its class.

import {
  type DataClass,
  dataClassOfType,
  type Handling,
  isLocked,
  isObject,
  type JsonValue,
  type Label,
  type PiiClass,
  type Refusal,
} from '#core';
import { collectKnown, detect } from '#dlp';
import type { Flow, GuardDeps } from '../ports.ts';
import type { Identified, Rendered, Screened, Sent } from '../types.ts';
import { integrationPlace } from './place.ts';
import type { OperationResult } from './release.ts';

/** Components of a label that no recogniser finds by form, and the kind of data they say it is. */
const BY_COMPONENT: Partial<Readonly<Record<PiiClass, DataClass>>> = {
  order: 'purchase_history',
  free_text: 'conversation',
  payment: 'payment_details',
};

/** Before anything is asked of the destination, which for an operation begins with looking its object up. */
export function admitArguments(deps: Pick<GuardDeps, 'flows'>, call: Screened): Screened | Refusal {
  return call.matched === null ? call : admit(deps, call, classesInArguments(call));
}

/** A request to a model, as it would leave. */
export function admitPrompt(deps: Pick<GuardDeps, 'flows'>, call: Rendered): Rendered | Refusal {
  return call.matched !== null ? call : admit(deps, call, classesToModel(call));
}

function admit<Call extends Screened>(
  deps: Pick<GuardDeps, 'flows'>,
  call: Call,
  classes: ReadonlyMap<DataClass, Handling>,
): Call | Refusal {
  const carried = [...classes].map(([dataClass, handling]) => ({ dataClass, handling }));
  const flow: Flow = { ...placeOf(call), direction: 'out', operation: operationOf(call), carried, from: call.label.regions };
  return deps.flows.admit(call.principal.tenant, flow) ?? { ...call, flow };
}

/** The request left: what it carried is counted. */
export function noteSent({ flows }: Pick<GuardDeps, 'flows'>, call: Sent): void {
  if (call.replay === null && call.flow !== undefined && call.flow.carried.length > 0) flows.note(call.principal.tenant, call.flow);
}

/** The answer was accepted: what it brought is counted. */
export function noteAnswer({ flows }: Pick<GuardDeps, 'flows'>, call: Sent, { status, body }: OperationResult): void {
  const { matched } = call;
  if (matched === null || call.replay !== null || status >= 400 || !isObject(body)) return;
  const classes = new Set<DataClass>();
  const { fields } = matched.operation.output;
  for (const { type } of collectKnown(body, fields)) add(classes, dataClassOfType(type));
  for (const component of new Set(fields.flatMap(({ pii }) => pii))) add(classes, BY_COMPONENT[component]);
  if (classes.size === 0) return;
  const carried = [...classes].map((dataClass) => ({ dataClass, handling: 'clear' as const }));
  flows.note(call.principal.tenant, { ...placeOf(call), direction: 'in', operation: operationOf(call), carried, from: new Set() });
}

function placeOf({ integration, principal }: Identified): Pick<Flow, 'destination' | 'host' | 'isOwnMachine' | 'workflow'> {
  return { ...integrationPlace(integration), workflow: principal.workflow };
}

const operationOf = ({ matched }: Screened): string => matched?.operation.name ?? 'chat';

/** What became a placeholder, and what our labels say stands in the words beside them. */
function classesToModel({ conversation, parts }: Rendered): ReadonlyMap<DataClass, Handling> {
  const classes = new Map<DataClass, Handling>();
  for (const type of Object.keys(conversation?.counts ?? {})) {
    const dataClass = dataClassOfType(type);
    if (dataClass !== null) classes.set(dataClass, isLocked(dataClass, 'model', 'tokenise') ? 'mask' : 'tokenise');
  }
  for (const type of Object.keys(conversation?.cleared ?? {})) {
    const dataClass = dataClassOfType(type);
    if (dataClass !== null) classes.set(dataClass, 'clear');
  }
  for (const { label } of parts) {
    if (!isKnown(label)) continue;
    for (const component of label.pii) {
      const dataClass = BY_COMPONENT[component];
      if (dataClass !== undefined) classes.set(dataClass, 'clear');
    }
  }
  return classes;
}

const KNOWN_SOURCE = /^(?:integration|outsider|customer):/;
/** A label that says something: what came from we do not know where holds every class because nobody knows any better. */
const isKnown = ({ sources }: Label): boolean => sources.size > 0 && [...sources].every((source) => KNOWN_SOURCE.test(source));

function classesInArguments({ matched, integration, parts }: Screened): ReadonlyMap<DataClass, Handling> {
  const classes = new Set<DataClass>();
  if (matched === null) return new Map();
  const args = matched.args as Readonly<Record<string, JsonValue>>;
  for (const { type } of collectKnown(args as JsonValue)) add(classes, dataClassOfType(type));
  for (const { text } of parts) for (const { type } of detect(text)) add(classes, dataClassOfType(type));
  for (const spec of matched.operation.arguments) {
    if (spec.entity === null || !Object.hasOwn(args, spec.name)) continue;
    const entity = integration.manifest?.entities.find(({ name }) => name === spec.entity);
    if (entity === undefined || (entity.owner === null && entity.ownerThrough === null)) continue;
    classes.add(entity.owner === '(self)' ? 'customer_number' : 'order_number');
  }
  return new Map([...classes].map((dataClass) => [dataClass, 'clear']));
}

function add(classes: Set<DataClass>, dataClass: DataClass | null | undefined): void {
  if (dataClass != null) classes.add(dataClass);
}

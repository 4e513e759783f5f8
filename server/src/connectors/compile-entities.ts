// The entities of neutral annotations: where each is kept, who owns it, and which tool reads one of them by its id.

import type { EntitySpec } from '#core';
import type { Annotations, EntityAnnotation, ToolSchema } from './annotation-schema.ts';
import { FIELD_PATH, SELF } from './field-path.ts';

export interface Lookup {
  readonly tool: string;
  readonly arg: string;
}

const OBJECT_KEY = '(object key)';

export function compileEntities(
  tools: readonly ToolSchema[],
  annotations: Annotations,
  lookups: Readonly<Record<string, Lookup>>,
): { readonly specs: readonly EntitySpec[] } | { readonly problems: readonly string[] } {
  const problems = checkOwned(annotations);
  const specs: EntitySpec[] = [];
  for (const [name, entity] of Object.entries(annotations.entities)) {
    const spec = compileEntity(name, entity, lookups[name] ?? findLookup(name, tools, annotations));
    if (typeof spec === 'string') problems.push(`annotations.$entities.${name}: ${spec}`);
    else specs.push(spec);
  }
  for (const [name, { tool, arg }] of Object.entries(lookups)) {
    if (!Object.hasOwn(annotations.entities, name)) problems.push(`lookups.${name}: there is no such entity`);
    const owns = annotations.tools[tool]?.owns.some((each) => each.arg === arg && each.entity === name) ?? false;
    if (!owns) problems.push(`lookups.${name}: the annotations do not say that ${tool} takes one by ${arg}`);
  }
  return problems.length > 0 ? { problems } : { specs };
}

function checkOwned(annotations: Annotations): string[] {
  return Object.entries(annotations.tools).flatMap(([tool, annotation]) =>
    annotation.owns
      .filter((owns) => !Object.hasOwn(annotations.entities, owns.entity))
      .map((owns) => `annotations.${tool}: there is no entity ${owns.entity}`),
  );
}

/** The one read tool that needs nothing but an id of this entity; null when there is none or more than one. */
function findLookup(entity: string, tools: readonly ToolSchema[], annotations: Annotations): Lookup | null {
  const candidates = tools.flatMap((tool) => {
    const annotation = annotations.tools[tool.name];
    const [arg, ...more] = tool.required;
    const takesIt = annotation?.effect === 'read' && annotation.owns.some((owns) => owns.arg === arg && owns.entity === entity);
    return takesIt && arg !== undefined && more.length === 0 ? [{ tool: tool.name, arg }] : [];
  });
  return candidates.length === 1 ? (candidates[0] as Lookup) : null;
}

function compileEntity(name: string, entity: EntityAnnotation, lookup: Lookup | null): EntitySpec | string {
  const base = { name, record: null, ownerThrough: null, version: null, remainder: null } as const;
  if (entity.within !== undefined) {
    const within = compileWithin(entity);
    return typeof within === 'string' ? within : { ...base, read: null, within, id: null, owner: null };
  }
  // No owner stated: only the object that is the customer has none of its own to state, and the strictest reading is that it must be that one.
  const owner = entity.owner === undefined ? SELF : entity.owner;
  if (owner !== null && owner !== SELF && !FIELD_PATH.test(owner)) return 'owner is no field path';
  return {
    ...base,
    read: lookup === null ? null : { operation: lookup.tool, argument: lookup.arg },
    within: null,
    id: entity.key === undefined || entity.key === OBJECT_KEY ? null : entity.key,
    // Without a tool that reads it, the owner can not be looked up: everything about the object stays unknown.
    owner,
  };
}

function compileWithin(entity: EntityAnnotation): NonNullable<EntitySpec['within']> | string {
  const { within, path, key } = entity;
  if (within === undefined || path === undefined || !FIELD_PATH.test(path)) return 'needs `within` and a `path`';
  if (key === OBJECT_KEY) return { entity: within, path, key: 'object_key' };
  if (key !== undefined) return { entity: within, path: path.endsWith('[]') ? path : `${path}[]`, key };
  const split = /^(.*\[\])\.([^.[\]]+)$/.exec(path);
  return split === null
    ? 'needs a `key`, or a path such as `items[].id`'
    : { entity: within, path: split[1] as string, key: split[2] as string };
}

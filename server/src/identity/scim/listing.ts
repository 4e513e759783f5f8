// What every listing of SCIM has in common: paging, the envelope, and which attributes are shown.

import type { ScimObject } from './values.ts';

export interface ListQuery {
  readonly filter: string | null;
  readonly startIndex: number;
  readonly count: number;
  readonly attributes: readonly string[];
  readonly excludedAttributes: readonly string[];
}

/** At most so many in one answer; the rest is on further pages, and `totalResults` says how many there are. */
export const MAX_RESULTS = 200;
const MAX_NAMES = 50;

function whole(value: unknown, otherwise: number): number {
  const text = typeof value === 'string' ? value.trim() : '';
  return /^-?\d{1,9}$/.test(text) ? Number(text) : otherwise;
}

function names(value: unknown): readonly string[] {
  if (typeof value !== 'string') return [];
  const found = value.split(',').map(
    (name) =>
      name
        .trim()
        .replace(/^urn:.*:/i, '')
        .split('.')[0]
        ?.toLowerCase() ?? '',
  );
  return found.filter((name) => name !== '').slice(0, MAX_NAMES);
}

/** Indexes begin at 1; a count of 0 asks only how many there are (RFC 7644 section 3.4.2.4). */
export function readListQuery(query: Readonly<Record<string, unknown>>): ListQuery {
  const given = new Map(Object.entries(query).map(([name, value]) => [name.toLowerCase(), value]));
  const filter = given.get('filter');
  return {
    filter: typeof filter === 'string' && filter.trim() !== '' ? filter : null,
    startIndex: Math.max(1, whole(given.get('startindex'), 1)),
    count: Math.min(MAX_RESULTS, Math.max(0, whole(given.get('count'), MAX_RESULTS))),
    attributes: names(given.get('attributes')),
    excludedAttributes: names(given.get('excludedattributes')),
  };
}

export function isAsked(query: Pick<ListQuery, 'attributes' | 'excludedAttributes'>, name: string): boolean {
  const wanted = name.toLowerCase();
  if (query.attributes.length > 0) return query.attributes.includes(wanted);
  return !query.excludedAttributes.includes(wanted);
}

/** Id and schemas always; of the rest what was asked for. */
export function project(resource: object, query: Pick<ListQuery, 'attributes' | 'excludedAttributes'>): object {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => name === 'id' || name === 'schemas' || isAsked(query, name)));
}

export function listAnswer(resources: readonly object[], total: number, { startIndex }: ListQuery): object {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

export interface Meta {
  readonly kind: 'User' | 'Group';
  readonly schema: string;
  readonly id: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly version: string;
  /** Origin and path of the SCIM service. */
  readonly base: string;
}

export const etagOf = (version: bigint | string): string => `W/"${version}"`;

export function render(meta: Meta, attributes: ScimObject): ScimObject {
  const location = `${meta.base}/${meta.kind}s/${meta.id}`;
  const times = { created: meta.createdAt.toISOString(), lastModified: meta.changedAt.toISOString() };
  return {
    schemas: [meta.schema] as unknown as ScimObject[string],
    id: meta.id,
    ...attributes,
    meta: { resourceType: meta.kind, ...times, location, version: etagOf(meta.version) },
  };
}

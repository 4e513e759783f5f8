// What the SCIM service says of itself: what it can do, which kinds of resources there are, and their attributes. Made from the one table.

import type { JsonObject } from '#core';
import { type Attribute, GROUP, type ResourceKind, USER } from './attributes.ts';
import { listAnswer, MAX_RESULTS, readListQuery } from './listing.ts';

const all = readListQuery({});

type Described = JsonObject & { readonly id: string };

export function serviceProviderConfig(base: string): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MAX_RESULTS },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [
      { type: 'oauthbearertoken', name: 'Bearer token', description: 'A token of this tenant, made in the console.', primary: true },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

function resourceType(kind: ResourceKind, base: string): Described {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: kind.name,
    name: kind.name,
    endpoint: kind.endpoint,
    description: kind.says,
    schema: kind.schema,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${kind.name}` },
  };
}

function schemaAttribute(attribute: Attribute): JsonObject {
  const { name, type, multi, required, readOnly, caseExact, unique, says, sub } = attribute;
  return {
    name,
    type: name === '$ref' ? 'reference' : type,
    multiValued: multi,
    description: says,
    required,
    mutability: readOnly ? 'readOnly' : 'readWrite',
    returned: name === 'id' ? 'always' : 'default',
    uniqueness: unique ? 'server' : 'none',
    ...(type === 'string' ? { caseExact } : {}),
    ...(name === '$ref' ? { referenceTypes: ['User'] } : {}),
    ...(sub.length === 0 ? {} : { subAttributes: sub.map(schemaAttribute) }),
  };
}

/** Id, externalId and meta are of every resource and stand in no schema (RFC 7643 section 3.1). */
const COMMON: ReadonlySet<string> = new Set(['id', 'externalId', 'meta']);

function schema(kind: ResourceKind, base: string): Described {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: kind.schema,
    name: kind.name,
    description: kind.says,
    attributes: kind.attributes.filter(({ name }) => !COMMON.has(name)).map(schemaAttribute),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${kind.schema}` },
  };
}

/** All of them, or the one of that id; null when there is none. */
export function describe(what: 'ResourceTypes' | 'Schemas', base: string, id: string | null): object | null {
  const made = [USER, GROUP].map((kind) => (what === 'Schemas' ? schema(kind, base) : resourceType(kind, base)));
  if (id === null) return listAnswer(made, made.length, all);
  return made.find((one) => one.id.toLowerCase() === id.toLowerCase()) ?? null;
}

// What a SCIM request is answered with when it can not be done (RFC 7644 section 3.12). Details name attributes, never values.

export const SCIM_TYPES = [
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
] as const;
export type ScimType = (typeof SCIM_TYPES)[number];

export interface ScimFault {
  readonly kind: 'scim_fault';
  readonly status: 400 | 401 | 403 | 404 | 409 | 412 | 413 | 415 | 429 | 500 | 503;
  readonly scimType: ScimType | null;
  readonly detail: string;
}

const made = new WeakSet<object>();

export function scimFault(status: ScimFault['status'], scimType: ScimType | null, detail: string): ScimFault {
  const fault: ScimFault = Object.freeze({ kind: 'scim_fault', status, scimType, detail });
  made.add(fault);
  return fault;
}

/** True only for what `scimFault` made, never for something that arrived and looks like it. */
export function isScimFault(value: unknown): value is ScimFault {
  return typeof value === 'object' && value !== null && made.has(value);
}

export function renderFault({ status, scimType, detail }: ScimFault): object {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType === null ? {} : { scimType }),
    detail,
  };
}

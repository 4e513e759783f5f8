// The attributes we keep of users and groups: one closed table, from which reading, patching, filtering and the Schemas resource are made.
// INVARIANT: a name that arrives is looked up here without regard to case and replaced by ours; a name that is not here reaches no object.

export interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'dateTime' | 'complex';
  readonly multi: boolean;
  readonly required: boolean;
  readonly readOnly: boolean;
  /** Compared letter by letter. */
  readonly caseExact: boolean;
  readonly unique: boolean;
  readonly maxChars: number;
  readonly says: string;
  readonly sub: readonly Attribute[];
}

type Given = Partial<Attribute> & Pick<Attribute, 'name' | 'says'>;

function attribute(given: Given): Attribute {
  return Object.freeze({
    type: 'string',
    multi: false,
    required: false,
    readOnly: false,
    caseExact: false,
    unique: false,
    maxChars: 256,
    sub: [],
    ...given,
  });
}

export interface ResourceKind {
  readonly name: 'User' | 'Group';
  readonly endpoint: '/Users' | '/Groups';
  readonly schema: string;
  readonly says: string;
  readonly attributes: readonly Attribute[];
}

const COMMON: readonly Attribute[] = [
  attribute({ name: 'id', readOnly: true, caseExact: true, says: 'Our id.' }),
  attribute({ name: 'externalId', caseExact: true, says: 'The id that the identity provider has for it.' }),
  attribute({
    name: 'meta',
    type: 'complex',
    readOnly: true,
    says: 'When it was made and changed.',
    sub: [
      attribute({ name: 'resourceType', readOnly: true, caseExact: true, says: 'User or Group.' }),
      attribute({ name: 'created', type: 'dateTime', readOnly: true, says: 'When it was made.' }),
      attribute({ name: 'lastModified', type: 'dateTime', readOnly: true, says: 'When it was last changed.' }),
      attribute({ name: 'location', readOnly: true, caseExact: true, says: 'Where it is.' }),
      attribute({ name: 'version', readOnly: true, caseExact: true, says: 'Its version, as in the ETag.' }),
    ],
  }),
];

export const USER: ResourceKind = {
  name: 'User',
  endpoint: '/Users',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:User',
  says: 'A person.',
  attributes: [
    ...COMMON,
    attribute({ name: 'userName', required: true, unique: true, maxChars: 320, says: 'How the identity provider calls the person.' }),
    attribute({ name: 'displayName', says: 'The name as it is shown.' }),
    attribute({
      name: 'name',
      type: 'complex',
      says: 'The parts of the name.',
      sub: [
        attribute({ name: 'formatted', says: 'The whole name.' }),
        attribute({ name: 'familyName', says: 'The family name.' }),
        attribute({ name: 'givenName', says: 'The given name.' }),
      ],
    }),
    attribute({ name: 'active', type: 'boolean', says: 'Whether the person may come in.' }),
    attribute({
      name: 'emails',
      type: 'complex',
      multi: true,
      says: 'E-mail addresses; never used to recognise anybody.',
      sub: [
        attribute({ name: 'value', maxChars: 320, says: 'The address.' }),
        attribute({ name: 'type', maxChars: 40, says: 'Such as work.' }),
        attribute({ name: 'primary', type: 'boolean', says: 'Whether it is the first one.' }),
      ],
    }),
  ],
};

export const GROUP: ResourceKind = {
  name: 'Group',
  endpoint: '/Groups',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  says: 'A group of people; what it grants is decided here, not by the identity provider.',
  attributes: [
    ...COMMON,
    attribute({ name: 'displayName', required: true, unique: true, says: 'The name of the group.' }),
    attribute({
      name: 'members',
      type: 'complex',
      multi: true,
      says: 'Who is in it.',
      sub: [
        attribute({ name: 'value', caseExact: true, maxChars: 100, says: 'Id of the person.' }),
        attribute({ name: 'type', maxChars: 40, says: 'Always User.' }),
        attribute({ name: 'display', says: 'The name of the person.' }),
        attribute({ name: '$ref', caseExact: true, maxChars: 2_000, says: 'Where the person is.' }),
      ],
    }),
  ],
};

/** The attribute of this name in any case, or null. */
export function attributeOf(of: readonly Attribute[], name: string): Attribute | null {
  const wanted = name.toLowerCase();
  return of.find((one) => one.name.toLowerCase() === wanted) ?? null;
}

/** The path without the schema of this kind in front; null when the schema is another one, which we do not keep. */
export function withoutSchema(kind: ResourceKind, path: string): string | null {
  if (!/^urn:/i.test(path)) return path;
  const prefix = `${kind.schema}:`;
  return path.toLowerCase().startsWith(prefix.toLowerCase()) ? path.slice(prefix.length) : null;
}

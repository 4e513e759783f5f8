// The form in which people write a manifest (YAML or JSON). Strict: an unknown key is an error, because a misspelt rule is no rule.
// Decides shape only; what the parts say about each other is checked in check-manifest.ts.

import { z } from 'zod';
import { ARGUMENT_ROLES, DATA_CLASS_NAMES, type DataClass, EFFECTS, ERASED_BY, type JsonValue, PII_CLASSES, READERS } from '#core';
import { FIELD_PATH } from './field-path.ts';

export const API_VERSION = 'sallyport.dev/v1';

/** Bounds of one manifest, far above any real shop, so that a hostile file can not make set-up slow. */
const MAX_OPERATIONS = 400;
const MAX_ARGUMENTS = 64;
const MAX_FIELDS = 400;

const name = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/,
    'must start with a letter and hold only letters, digits, dots, dashes and underscores (at most 64)',
  );
const path = z.string().max(200).regex(FIELD_PATH, 'must be a field path such as `a.b`, `items[].id` or `methods.*.id`');
const plainPath = path.refine((text) => !/[[*]/.test(text), 'must name one field, without `[]` or `*`');
const unit = z.enum(['decimal', 'minor']).describe('`decimal`: 12.50; `minor`: 1250');
const size = z.int().min(1).max(16_777_216);
const record = <Value extends z.ZodType>(value: Value, most: number) =>
  z.record(name, value).refine((entries) => Object.keys(entries).length <= most, `holds more than ${most} entries`);

const entity = z
  .strictObject({
    read: z.strictObject({ operation: name, argument: name }).optional().describe('The operation that reads one object by its id'),
    record: plainPath.optional().describe('Where the record stands in that reply, when it is wrapped: `order` for {"order": {...}}'),
    id: plainPath
      .optional()
      .describe("The object's own id in its record; a record with another id than the one asked for counts as not found"),
    within: z
      .strictObject({ entity: name, path, key: z.string().min(1).max(64).optional() })
      .optional()
      .describe(
        'The object is a member of another entity’s record; `key` is the member’s id field, `(object key)` when the ids are the keys',
      ),
    owner: z
      .union([z.literal('(self)'), z.literal('nobody'), plainPath, z.strictObject({ entity: name, path: plainPath })])
      .optional()
      .describe(
        'Path of the owning customer’s id; `(self)` when the object is the customer; `nobody`; or {entity, path}: owned by the owner of that object',
      ),
    open: z
      .strictObject({ path: plainPath, values: z.array(z.string().min(1).max(64)).min(1).max(16) })
      .optional()
      .describe('When such an object is an open case: people read its customer for it, and for nothing else'),
    version: plainPath.optional().describe('updated_at or similar; without it every change of the record is a new version'),
    remainder: z
      .strictObject({ amount: plainPath, currency: plainPath, unit })
      .optional()
      .describe(
        'What may still be paid out for this object, read freshly before each payment; a field the shop lowers by each: one remainder pays once a day',
      ),
  })
  .describe('A kind of object that arguments name');

const currency = z.union([
  z.strictObject({ entity: name }).describe('The currency of that entity’s remainder'),
  z.strictObject({ argument: name }).describe('Another argument carries the currency'),
  z.strictObject({ fixed: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR') }),
]);

const argument = z
  .strictObject({
    role: z.enum(ARGUMENT_ROLES),
    type: z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object']).default('string'),
    in: z
      .enum(['path', 'query', 'body'])
      .optional()
      .describe('Default: path if the path names it, else query for GET and DELETE, else body'),
    at: z
      .string()
      .max(200)
      .regex(/^[^.\s[\]]{1,64}(?:\.[^.\s[\]]{1,64})*$/, 'must be dotted keys such as `refund.amount`')
      .optional()
      .describe('Where in the body, or the name in the query, when it is not the argument’s own name'),
    required: z.boolean().default(true),
    entity: name.optional().describe('The kind of object this argument names; its owner is then looked up'),
    money: z.strictObject({ unit, currency }).optional(),
    targetRules: z
      .array(z.strictObject({ entity: name, path, where: z.record(z.string().min(1).max(64), z.string().max(200)).default({}) }))
      .min(1)
      .max(16)
      .optional()
      .describe('The argument must equal a value found at `path` of the freshly read record'),
    otherTargets: z.enum(['refuse', 'ask']).optional().describe('A value outside the rules: `refuse` (default) or `ask` a person'),
    maxBytes: size.optional(),
    enum: z.array(z.string().max(200)).min(1).max(200).optional(),
    takes: z
      .array(z.enum(DATA_CLASS_NAMES as readonly [DataClass, ...DataClass[]]))
      .max(40)
      .optional()
      .describe('Classes of personal data it may be given; without it all that the matrix of classes and destinations lets tools see'),
  })
  .describe('One argument of an operation');

const outputField = z.strictObject({
  trusted: z.boolean().default(true).describe('false when an outsider can write this field'),
  class: z
    .enum(DATA_CLASS_NAMES as [string, ...string[]])
    .optional()
    .describe('What the field holds, e.g. `email_address`; its components of personal data follow from it'),
  pii: z.array(z.enum(PII_CLASSES)).optional().describe('Components of personal data, where no `class` says them'),
});

const output = z.strictObject({
  record: name
    .optional()
    .describe('Which record of the map named by `fields` the reply holds, when the path does not say; `none`: no record of it'),
  unlisted: z
    .enum(['worst', 'trusted', 'untrusted'])
    .default('worst')
    .describe('The label of fields not listed below; `worst` is outsider-written with every class of personal data'),
  fields: z
    .record(
      z
        .string()
        .max(200)
        .refine((text) => FIELD_PATH.test(text.replace(/^\*\*\./, '')), 'must be a field path such as `order.note` or `**.note`'),
      outputField,
    )
    .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `holds more than ${MAX_FIELDS} entries`)
    .default({}),
  maxBytes: size.default(1_048_576),
});

const operation = z
  .strictObject({
    effect: z.enum(EFFECTS),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path: z
      .string()
      .max(300)
      .regex(/^\/[A-Za-z0-9/_.~{}-]*$/, 'must be a path of plain segments and `{argument}` segments, starting with `/`'),
    arguments: record(argument, MAX_ARGUMENTS).default({}),
    output: output.prefault({}),
    idempotencyHeader: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a header name')
      .optional(),
    readBack: z
      .strictObject({
        operation: name,
        argument: name,
        found: path.optional().describe('A path that is there in the reply only when the request was done; without it a 200 says so'),
        absentAfterSeconds: z
          .int()
          .min(10)
          .max(86_400)
          .optional()
          .describe('How old a request must be for "not found" to mean that it was never done; without it a person must look'),
      })
      .optional()
      .describe('How to ask by the idempotency key whether a request was done whose answer was lost; needs idempotencyHeader'),
    returnsCustomer: z
      .union([z.literal('(result)'), path])
      .optional()
      .describe('Path of the customer id in the reply; the reply is released only if all of them are the bound customer'),
    needsReview: z.boolean().default(false).describe('true keeps the operation refused until a person has reviewed it'),
    readers: z
      .enum(READERS)
      .optional()
      .describe(
        'Who reads the texts (arguments of role `content`): `customer` (what `send` means without it), `public` or `staff`; what they may see is held to',
      ),
    decision: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/)
      .optional()
      .describe('What it decides about a person, such as `refuse_refund` (GDPR Article 22): a person decides it, whatever else allows it'),
    sentence: z.string().min(1).max(500).optional().describe('What approvers read, with `{argument}` slots; required for effects'),
  })
  .describe('One operation callers may use; everything else is refused');

export const manifestSource = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Integration'),
  name,
  description: z.string().max(2_000).optional(),
  protocol: z.enum(['http', 'model']).default('http'),
  fields: name
    .optional()
    .describe('Map of the API’s fields that ships with Sallyport, e.g. `shopify`: says what fields hold, never that they can be trusted'),
  entities: record(entity, 100).default({}),
  operations: record(operation, MAX_OPERATIONS).default({}),
  erases: z
    .strictObject({
      operation: name,
      by: record(z.enum(ERASED_BY), 8).describe('Argument to what it takes of the person: `customer` (their number), `email` or `phone`'),
    })
    .optional()
    .describe(
      'The operation that deletes, redacts or anonymises one person; called for an erasure after somebody approved exactly that call',
    ),
});

export type ManifestSource = z.infer<typeof manifestSource>;
export type EntitySource = z.infer<typeof entity>;
export type OperationSource = z.infer<typeof operation>;
export type ArgumentSource = z.infer<typeof argument>;

/** JSON Schema of the written form, for editors. */
export function manifestJsonSchema(): JsonValue {
  return JSON.parse(JSON.stringify(z.toJSONSchema(manifestSource, { io: 'input', target: 'draft-2020-12' }))) as JsonValue;
}

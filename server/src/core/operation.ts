// What one operation of an integration does, in the neutral form that manifests compile to:
// its effect, the role of each argument, whose object it touches, and how far its result may be trusted.

import type { DataClass } from './data-classes.ts';
import type { PiiClass } from './labels.ts';

export const EFFECTS = ['read', 'fetch', 'write', 'delete', 'send', 'money', 'admin'] as const;
export type Effect = (typeof EFFECTS)[number];

export const ARGUMENT_ROLES = ['target', 'selector', 'amount', 'secret', 'attr', 'when', 'content'] as const;
export type ArgumentRole = (typeof ARGUMENT_ROLES)[number];

/** Who reads the texts an operation takes: the customer it is for, anybody (a post, a public answer), or the shop's own people. */
export const READERS = ['customer', 'public', 'staff'] as const;
export type Readers = (typeof READERS)[number];

/** The destination beyond the integration that the texts of an operation have; null when nobody outside reads them. */
export function readersOf({ effect, readers }: Pick<OperationSpec, 'effect' | 'readers'>): 'customer' | 'web' | null {
  if (readers === 'public') return 'web';
  return readers === 'customer' || (readers === undefined && effect === 'send') ? 'customer' : null;
}

/** True for what changes the world outside; `read` and `fetch` do not. */
export function isEffectful(effect: Effect): boolean {
  return effect !== 'read' && effect !== 'fetch';
}

export type ArgumentSlot = 'path' | 'query' | 'body';

export interface ArgumentSpec {
  readonly name: string;
  readonly role: ArgumentRole;
  readonly slot: ArgumentSlot;
  /** Where in the body: dotted keys, e.g. `refund.amount`. For path and query, the parameter's name. */
  readonly at: string;
  readonly required: boolean;
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';
  /** Name of the entity this argument names, when it names one that somebody owns. */
  readonly entity: string | null;
  /** For role `amount`: how to read the currency and whether the wire holds decimals or minor units. */
  readonly money: {
    readonly currencyFrom: 'entity' | 'argument' | 'fixed';
    readonly value: string;
    readonly unit: 'decimal' | 'minor';
  } | null;
  /** For role `target`: values that are allowed without a person, as closed rules over freshly read facts. */
  readonly targetRules: readonly TargetRule[];
  /** For role `target` with rules: whether a value outside them is refused for good, or may be endorsed by a person. */
  readonly otherTargets: 'refuse' | 'ask';
  readonly maxBytes: number;
  readonly enumValues: readonly string[] | null;
  /** Classes of data it may be given, within what its destination may see at all; absent: all of those. */
  readonly takes?: readonly DataClass[];
}

/** A rule over facts read by us: the argument equals one of the values found at `path` of the named entity's record. */
export interface TargetRule {
  readonly kind: 'equals_field';
  readonly entity: string;
  /** Dotted path with `[]` for arrays and `*` for object keys, e.g. `payment_history[].payment_method_id`. */
  readonly path: string;
  /** Only members whose sibling fields equal these. */
  readonly where: Readonly<Record<string, string>>;
}

export interface OutputFieldSpec {
  /**
   * Dotted path with `[]` and `*`; `(result)` is the whole result and the label of every field no other path covers (without it they
   * get the worst label); `**.name` is a field of that name at any depth and can only lower the label the other paths give.
   */
  readonly path: string;
  readonly trusted: boolean;
  readonly pii: readonly PiiClass[];
  /** What it is, where the manifest or a map of the API says so. */
  readonly dataClass?: DataClass;
}

export interface EntitySpec {
  readonly name: string;
  /** Operation that reads one object by id, and the argument that takes the id. `null` when it lives within another entity. */
  readonly read: { readonly operation: string; readonly argument: string } | null;
  /** `within`: the object is a member of another entity's record at `path`. */
  readonly within: { readonly entity: string; readonly path: string; readonly key: 'object_key' | string } | null;
  /** Where the record stands in the reply of `read`, e.g. `order` for `{"order": {...}}`; `null` when the reply is the record. */
  readonly record: string | null;
  /** Path of the object's own id in its record. When given, a record that carries another id than the one asked for counts as not found. */
  readonly id: string | null;
  /** Path of the owning customer's id in the record; `(self)` when the id is the customer; `null` when nobody owns it. */
  readonly owner: string | null;
  /** Set when the record names another object whose owner is the owner, e.g. a refund that only carries `order_id`. */
  readonly ownerThrough: { readonly entity: string; readonly path: string } | null;
  /** Path of the version field (ETag, updated_at); `null` means the digest of the whole record is the version. */
  readonly version: string | null;
  /** Path of the freshly refundable remainder and its currency, when the entity has one. */
  readonly remainder: { readonly amount: string; readonly currency: string; readonly unit: 'decimal' | 'minor' } | null;
  /** The state in which the object is a case that somebody works on; absent for what is none. */
  readonly open?: { readonly path: string; readonly values: readonly string[] };
}

export interface OperationSpec {
  readonly name: string;
  readonly effect: Effect;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path template with `{name}` segments. */
  readonly path: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly output: {
    readonly trusted: boolean;
    readonly fields: readonly OutputFieldSpec[];
    /** Refuse replies over this many bytes. */
    readonly maxBytes: number;
  };
  /** Header in which the upstream takes an idempotency key; `null` when it has none. */
  readonly idempotencyHeader: string | null;
  /** How to ask the upstream afterwards whether a request with our key was done. Absent: nobody can ask, a person must look. */
  readonly readBack?: ReadBack;
  /** A lookup that returns customers must return only the bound one: path of the customer id in the result. */
  readonly returnsCustomer: string | null;
  /** True when the operation's rules could not be understood by a machine: it is refused until a person reviews it. */
  readonly needsReview: boolean;
  /** Who reads its texts in the end. Absent: the customer, of what is sent; and nobody else of anything else. */
  readonly readers?: Readers;
  /** Set when it decides something about a person by itself, e.g. `refuse_refund` (GDPR Article 22): a person decides it, whatever else allows it. */
  readonly decision?: string;
  /** One sentence with `{argument}` slots that we render for approvers. */
  readonly sentence: string;
}

/** A read by idempotency key, for an effect whose answer was lost. */
export interface ReadBack {
  /** The operation that looks a key up, and the argument that takes the key. */
  readonly operation: string;
  readonly argument: string;
  /** Where in its reply something stands when the request was done; `null`: any reply that is not "not found" says so. */
  readonly found: string | null;
  /** Seconds after which "not found" means that the request was never done; `null`: it never means that, a person must look. */
  readonly absentAfterS: number | null;
}

/** What a person is known by where they are deleted. */
export const ERASED_BY = ['customer', 'email', 'phone'] as const;
export type ErasedBy = (typeof ERASED_BY)[number];

/** The operation that deletes, redacts or anonymises one person, and which of its arguments takes which of their names. */
export interface ErasesSpec {
  readonly operation: string;
  readonly by: Readonly<Record<string, ErasedBy>>;
}

export interface Manifest {
  readonly name: string;
  readonly kind: 'http' | 'model';
  readonly entities: readonly EntitySpec[];
  readonly operations: readonly OperationSpec[];
  /** How a person is deleted there; absent: nobody can ask by a call, a person must. */
  readonly erases?: ErasesSpec;
  /** SHA-256 over the canonical manifest; part of every endorsement. */
  readonly digest: string;
}

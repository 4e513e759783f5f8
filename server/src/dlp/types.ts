// The vocabulary of this room: classes of personal data, spans of them in a text, known values and destinations.
// Holds no behaviour.

/** Classes the product tells apart. The order is the rank when two spans of equal length cover the same text. */
export const DLP_TYPES = [
  'SECRET',
  'CARD',
  'IBAN',
  'SSN',
  'EMAIL',
  'PHONE',
  'URL',
  'IP',
  'CUSTOMER_ID',
  'STREET_ADDRESS',
  'USERNAME',
  'PERSON',
  'DATE_OF_BIRTH',
  'CITY',
  'POSTCODE',
] as const;
export type DlpType = (typeof DLP_TYPES)[number];

/** `LITERAL` is the caller's own text that merely looks like a placeholder: carried through, never personal. */
export type HitType = DlpType | 'LITERAL';

/** A stretch of personal data. Offsets are UTF-16 units of the ORIGINAL text; lists of spans are sorted and do not overlap. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly type: DlpType;
  readonly confidence: number;
  /** True when the text matches a value known from a structured field. */
  readonly known: boolean;
  /** False only for a link that carries nothing personal; such a span is never masked. */
  readonly personal: boolean;
}

/** A value that a structured field says is personal, and whose it is when that is known. */
export interface KnownValue {
  readonly type: DlpType;
  readonly value: string;
  readonly subject: string | null;
}

/** Where restored text goes: which classes it may see there, how its text is escaped. Links never receive a value. */
export interface Destination {
  readonly types: 'all' | ReadonlySet<DlpType>;
  readonly escape: 'none' | 'json';
  readonly inLinks: false;
  /** Placeholders of values that are not for it, such as another customer's. */
  readonly hidden?: ReadonlySet<string>;
}

/** What a recogniser reports, in offsets of the text it was given. */
export interface Hit {
  readonly start: number;
  readonly end: number;
  readonly type: HitType;
  readonly confidence: number;
  readonly known: boolean;
  readonly personal: boolean;
  /** The value as a person would write it, when that differs from the stretch of original text (encoded, disguised). */
  readonly plain: string | null;
  /** The known value, when exactly one fits. */
  readonly entry: string | null;
  /** A guess that is not sure, of a class that is not simply masked then. */
  readonly doubt?: 'ask' | 'refuse';
  /** Personal finds of other types that this one has taken in: what is done with them is done with the whole. */
  readonly within?: readonly HitType[];
}

/** Where recognisers put what they find. */
export type Report = (start: number, end: number, type: HitType, confidence: number) => void;

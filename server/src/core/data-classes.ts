// The kinds of data a shop has, what each is made of, and what is done with it towards each kind of destination unless a tenant says otherwise.
// One table: detectors, labels of fields, the matrix of destinations, retention and the written policy all read it.
// INVARIANT: card data and credentials reach no model and no web page in clear, whatever a tenant chooses (`isLocked`).

import type { PiiClass } from './labels.ts';

/** From what everybody may know to what is never shown whole. Level 1 and 2 are Shopify's levels of protected customer data. */
export const SENSITIVITIES = ['public', 'internal', 'confidential', 'personal', 'personal_id', 'restricted'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/** Kinds of destination: a model, an integration's operation, the customer a conversation is with, any other page of the web. */
export const DESTINATION_KINDS = ['model', 'tool', 'customer', 'web'] as const;
export type DestinationKind = (typeof DESTINATION_KINDS)[number];

/** From the loosest to the strictest: as it is; a placeholder that is put back later; gone for good; the call is refused. */
export const HANDLINGS = ['clear', 'tokenise', 'mask', 'refuse'] as const;
export type Handling = (typeof HANDLINGS)[number];

/** What happens when it is not sure that a value is of this class. */
export const UNSURE_HANDLINGS = ['leave', 'mask', 'ask', 'refuse'] as const;
export type UnsureHandling = (typeof UNSURE_HANDLINGS)[number];

export interface DataClassSpec {
  /** What it is, in words for people. */
  readonly meaning: string;
  readonly sensitivity: Sensitivity;
  /** The components of a label it counts as. Empty: about nobody. */
  readonly pii: readonly PiiClass[];
  /** Types the recognisers report it as; without one it is known from fields only. */
  readonly types: readonly string[];
  readonly handling: Readonly<Record<DestinationKind, Handling>>;
  readonly unsure: UnsureHandling;
  /** Days it is kept after its purpose ended, unless a rule says otherwise; null: as long as the record it belongs to. */
  readonly keepDays: number | null;
}

type Towards = DataClassSpec['handling'];
const OPEN: Towards = { model: 'clear', tool: 'clear', customer: 'clear', web: 'clear' };
const HOUSE: Towards = { model: 'clear', tool: 'clear', customer: 'refuse', web: 'refuse' };
const ABOUT_SOMEBODY: Towards = { model: 'clear', tool: 'clear', customer: 'clear', web: 'refuse' };
const NAMES_SOMEBODY: Towards = { model: 'tokenise', tool: 'clear', customer: 'clear', web: 'refuse' };
const NUMBERS_OF_STATE: Towards = { model: 'mask', tool: 'clear', customer: 'mask', web: 'refuse' };
const NEVER: Towards = { model: 'mask', tool: 'refuse', customer: 'mask', web: 'refuse' };

export const DATA_CLASSES = {
  person_name: of('A person’s name', 'personal_id', ['identity'], ['PERSON'], NAMES_SOMEBODY, 'mask', 730),
  email_address: of('An e-mail address', 'personal_id', ['contact'], ['EMAIL'], NAMES_SOMEBODY, 'mask', 730),
  phone_number: of('A phone number', 'personal_id', ['contact'], ['PHONE'], NAMES_SOMEBODY, 'mask', 730),
  street_address: of('Street and number of an address', 'personal_id', ['address'], ['STREET_ADDRESS'], NAMES_SOMEBODY, 'mask', 730),
  place: of('City and postcode of an address', 'personal', ['address'], ['CITY', 'POSTCODE'], NAMES_SOMEBODY, 'leave', 730),
  birth_date: of('A date of birth', 'personal_id', ['identity'], ['DATE_OF_BIRTH'], NAMES_SOMEBODY, 'mask', 730),
  account_name: of('A user name', 'personal', ['identity'], ['USERNAME'], NAMES_SOMEBODY, 'leave', 730),
  customer_number: of('A customer’s number', 'personal', ['identity'], ['CUSTOMER_ID'], NAMES_SOMEBODY, 'mask', 730),
  government_id: of('A number a state gave a person', 'restricted', ['identity'], ['SSN'], NUMBERS_OF_STATE, 'mask', 30),
  payment_card: of('A card number', 'restricted', ['payment'], ['CARD'], NEVER, 'mask', 1),
  bank_account: of('A bank account', 'restricted', ['payment'], ['IBAN'], { ...NAMES_SOMEBODY, customer: 'mask' }, 'mask', 90),
  payment_details: of(
    'How something was paid: method, brand, last four, state',
    'personal',
    ['payment'],
    [],
    ABOUT_SOMEBODY,
    'leave',
    3_650,
  ),
  gift_card: of('A gift card or voucher code', 'restricted', ['payment', 'secret'], [], NEVER, 'mask', 90),
  credential: of('A password, key or token', 'restricted', ['secret'], ['SECRET'], NEVER, 'mask', 1),
  network_address: of('An IP address', 'personal', ['identity'], ['IP'], NAMES_SOMEBODY, 'mask', 30),
  personal_link: of('A link that leads to somebody', 'personal', ['contact'], ['URL'], NAMES_SOMEBODY, 'leave', 90),
  order_number: of('The number of an order', 'personal', ['order'], [], ABOUT_SOMEBODY, 'leave', 3_650),
  purchase_history: of('What somebody bought, when and for how much', 'personal', ['order'], [], ABOUT_SOMEBODY, 'leave', 3_650),
  delivery: of(
    'How something is sent: carrier, tracking number, instructions',
    'personal',
    ['order', 'address'],
    [],
    ABOUT_SOMEBODY,
    'leave',
    365,
  ),
  return_case: of('Returns, refunds and their reasons', 'personal', ['order'], [], ABOUT_SOMEBODY, 'leave', 3_650),
  conversation: of('What a customer and the shop wrote each other', 'personal', ['free_text'], [], ABOUT_SOMEBODY, 'leave', 730),
  review: of('A review or rating', 'personal', ['free_text'], [], ABOUT_SOMEBODY, 'leave', null),
  behaviour: of('What somebody looked at and clicked', 'personal', ['identity'], [], ABOUT_SOMEBODY, 'leave', 395),
  marketing_profile: of('Segments, consent and preferences', 'personal', ['identity'], [], ABOUT_SOMEBODY, 'leave', 730),
  health_detail: of(
    'Anything about health, belief or another special category',
    'restricted',
    ['free_text', 'identity'],
    [],
    NUMBERS_OF_STATE,
    'mask',
    30,
  ),
  file: of(
    'A photo, recording or document somebody sent',
    'personal',
    ['free_text'],
    [],
    { ...ABOUT_SOMEBODY, model: 'refuse' },
    'refuse',
    365,
  ),
  staff: of('A member of staff', 'internal', ['identity'], [], NAMES_SOMEBODY, 'leave', 730),
  business_figure: of('Cost, margin, stock, supplier terms', 'confidential', [], [], HOUSE, 'leave', null),
  product: of('What the shop sells, as its pages show it', 'public', [], [], OPEN, 'leave', null),
} as const satisfies Readonly<Record<string, DataClassSpec>>;

export type DataClass = keyof typeof DATA_CLASSES;
export const DATA_CLASS_NAMES = Object.keys(DATA_CLASSES) as readonly DataClass[];

function of(
  meaning: string,
  sensitivity: Sensitivity,
  pii: readonly PiiClass[],
  types: readonly string[],
  handling: Towards,
  unsure: UnsureHandling,
  keepDays: number | null,
): DataClassSpec {
  return Object.freeze({ meaning, sensitivity, pii, types, handling, unsure, keepDays });
}

export function isDataClass(name: unknown): name is DataClass {
  return typeof name === 'string' && Object.hasOwn(DATA_CLASSES, name);
}

export function dataClassSpec(name: DataClass): DataClassSpec {
  return DATA_CLASSES[name];
}

const BY_TYPE: ReadonlyMap<string, DataClass> = new Map(
  DATA_CLASS_NAMES.flatMap((name) => dataClassSpec(name).types.map((type) => [type, name] as const)),
);

/** The class a recognised type belongs to; null for a type that is about nobody. */
export function dataClassOfType(type: string): DataClass | null {
  return BY_TYPE.get(type) ?? null;
}

const NEVER_IN_CLEAR: ReadonlySet<DataClass> = new Set<DataClass>(['payment_card', 'gift_card', 'credential']);

/** Whether no rule of a tenant may choose this: payment numbers and credentials go to no model and no web page, not even as a placeholder. */
export function isLocked(name: DataClass, destination: DestinationKind, handling: Handling): boolean {
  return NEVER_IN_CLEAR.has(name) && destination !== 'tool' && (handling === 'clear' || handling === 'tokenise');
}

// Which values of a structured record are personal: by the manifest's field paths and by field names everybody uses.
// Reads records only; a value is never judged by how it looks unless a field already said that it is personal.

import { isObject, type JsonValue, type OutputFieldSpec, type PiiClass } from '#core';
import { foldText } from './fold.ts';
import { passesIban } from './recognise-ids.ts';
import type { DlpType, KnownValue } from './types.ts';

type FieldType = Exclude<DlpType, 'CARD' | 'URL' | 'DATE_OF_BIRTH' | 'USERNAME'>;

function names(list: string, type: FieldType): readonly (readonly [string, FieldType])[] {
  return list.split(/\s+/).map((name) => [name, type] as const);
}

/** Field names of shops, help desks and payment services, letters only, lower case. */
const FIELDS: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ...names('email emailaddress mail contactemail customeremail billingemail requesteremail useremail e-mail', 'EMAIL'),
  ...names(
    'phone phonenumber mobile mobilephone mobilenumber cell cellphone tel telephone fax whatsapp telefon handy telefono telefoon',
    'PHONE',
  ),
  ...names('firstname lastname givenname familyname surname middlename maidenname fullname customername recipientname', 'PERSON'),
  ...names('contactname accountholder accountholdername cardholder cardholdername buyername requestername nameoncard vorname', 'PERSON'),
  ...names('nachname prenom nombre apellido apellidos nome cognome voornaam achternaam username login nickname displayname', 'PERSON'),
  ...names(
    'address1 address2 addressline1 addressline2 street streetaddress streetname street1 street2 strasse rue calle',
    'STREET_ADDRESS',
  ),
  ...names('zip zipcode postcode postalcode plz cap codigopostal codepostal', 'POSTCODE'),
  ...names('city town locality ort ville ciudad citta stad', 'CITY'),
  ...names('iban', 'IBAN'),
  ...names('ssn socialsecuritynumber', 'SSN'),
  ...names('ip ipaddress browserip clientip remoteip', 'IP'),
  ...names('customerid userid', 'CUSTOMER_ID'),
  ...names('password accesstoken refreshtoken apikey clientsecret secretkey', 'SECRET'),
]);
/** Names that mean an address or a person only within an object that is about one. */
const IN_ADDRESS: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ...names('line1 line2 address addressline', 'STREET_ADDRESS'),
  ['name', 'PERSON'],
]);
/** Keys of objects that are about a person even when they hold nothing but a name. */
const PEOPLE: ReadonlySet<string> = new Set(
  'customer buyer user recipient contact person requester client sender author guest shopper member owner assignee kunde client cliente klant'.split(
    ' ',
  ),
);
const IN_NAME: ReadonlySet<string> = new Set(['first', 'last', 'middle', 'given', 'family', 'full']);
const CLASSED: ReadonlySet<PiiClass> = new Set<PiiClass>(['contact', 'address', 'payment', 'identity', 'secret']);

function normal(key: string): string {
  return foldText(key).replace(/[^a-z0-9]/g, '');
}

function isPlausible(type: FieldType, value: string): boolean {
  switch (type) {
    case 'EMAIL':
      return value.includes('@');
    case 'PHONE':
      return value.replace(/\D/g, '').length >= 6;
    case 'PERSON':
    case 'CITY':
      return /\p{L}/u.test(value);
    case 'STREET_ADDRESS':
      return value.length >= 4;
    case 'POSTCODE':
      return value.length >= 3 && value.length <= 12;
    case 'SECRET':
      return value.length >= 8;
    case 'IBAN':
    case 'IP':
    case 'CUSTOMER_ID':
    case 'SSN':
      return value.length >= 5;
    default:
      return type satisfies never;
  }
}

/** The type of a value that a manifest calls personal, from its class and, where the class leaves it open, its shape. */
function classedType(classes: readonly PiiClass[], key: string, value: string): FieldType | null {
  const named = FIELDS.get(key) ?? IN_ADDRESS.get(key);
  if (named !== undefined && isPlausible(named, value)) return named;
  for (const pii of classes) {
    if (pii === 'secret') return 'SECRET';
    if (pii === 'contact') return value.includes('@') ? 'EMAIL' : /^[+(\d][\d\s().+/-]{5,}$/.test(value) ? 'PHONE' : 'PERSON';
    if (pii === 'address')
      return /^[A-Z\d][A-Z\d -]{2,9}$/.test(value) && /\d/.test(value) ? 'POSTCODE' : /\d/.test(value) ? 'STREET_ADDRESS' : 'CITY';
    if (pii === 'payment' && /^[A-Za-z]{2}\d{2}[A-Za-z\d ]{10,}$/.test(value) && passesIban(value.replaceAll(' ', ''))) return 'IBAN';
    if (pii === 'identity') {
      if (value.includes('@')) return 'EMAIL';
      if (/^\d{3}-\d{2}-\d{4}$/.test(value)) return 'SSN';
      return /\d/.test(value) ? 'CUSTOMER_ID' : 'PERSON';
    }
  }
  return null;
}

interface FieldRule {
  readonly segments: readonly string[];
  readonly pii: readonly PiiClass[];
}

function parseRules(fields: readonly OutputFieldSpec[]): readonly FieldRule[] {
  return fields
    .filter((field) => field.pii.some((pii) => CLASSED.has(pii)))
    .map((field) => ({
      segments:
        field.path === '(result)'
          ? []
          : field.path
              .replaceAll('[]', '.[]')
              .split('.')
              .filter((segment) => segment !== ''),
      pii: field.pii,
    }));
}

/** A place on the walk: the rules still open below it, and the classes of a rule that covers it whole. */
interface Place {
  readonly value: JsonValue;
  readonly key: string;
  readonly parentKey: string;
  readonly about: boolean;
  readonly rules: readonly FieldRule[];
  readonly classes: readonly PiiClass[];
}

/** First step of a path such as `**.name`: a field of that name wherever it stands. */
const ANY_DEPTH = '**';

const NO_CLASSES: readonly PiiClass[] = Object.freeze([]);

function step(place: Place, key: string, segment: string): Pick<Place, 'rules' | 'classes'> {
  const rules: FieldRule[] = [];
  let classes = place.classes;
  for (const rule of place.rules) {
    const [head, ...rest] = rule.segments;
    if (head === ANY_DEPTH) {
      rules.push(rule);
      if (rest.length === 1 && (rest[0] === segment || rest[0] === key)) classes = [...classes, ...rule.pii];
      continue;
    }
    if (head !== segment && head !== '*' && head !== key) continue;
    if (rest.length === 0) classes = [...classes, ...rule.pii];
    else rules.push({ segments: rest, pii: rule.pii });
  }
  return { rules, classes };
}

/** An object is about a person or a place when a neighbouring field says so; a product has a name too. */
function isAbout(keys: readonly string[]): boolean {
  return keys.some((key) => {
    const type = FIELDS.get(normal(key));
    return type !== undefined && type !== 'IP' && type !== 'SECRET' && type !== 'CUSTOMER_ID' && normal(key) !== 'login';
  });
}

function typeOf(place: Place, text: string): FieldType | null {
  const key = normal(place.key);
  const named = FIELDS.get(key) ?? (place.about ? IN_ADDRESS.get(key) : undefined);
  // Orders have names too (`#1001`); people's hold no digits.
  if (key === 'name' && /\d/.test(text)) return null;
  if (named !== undefined && isPlausible(named, text)) return named;
  if (IN_NAME.has(key) && normal(place.parentKey) === 'name') return 'PERSON';
  if (/(?:email|mail)(?:address)?$/.test(key) && text.includes('@')) return 'EMAIL';
  if (/(?:phone|mobile)(?:number)?$/.test(key) && isPlausible('PHONE', text)) return 'PHONE';
  return place.classes.length > 0 ? classedType(place.classes, key, text) : null;
}

const FIRST: ReadonlySet<string> = new Set(['firstname', 'givenname', 'first', 'given', 'vorname', 'prenom', 'nombre', 'nome', 'voornaam']);
const LAST: ReadonlySet<string> = new Set([
  'lastname',
  'familyname',
  'surname',
  'last',
  'family',
  'nachname',
  'apellido',
  'apellidos',
  'cognome',
  'achternaam',
]);

/** First and last name of one object together, as people write them. */
function fullName(value: JsonValue): string | null {
  if (!isObject(value)) return null;
  let first = '';
  let last = '';
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== 'string') continue;
    if (FIRST.has(normal(key))) first = member.trim();
    else if (LAST.has(normal(key))) last = member.trim();
  }
  return first !== '' && last !== '' ? `${first} ${last}` : null;
}

/**
 * Personal values of a record. `fields` are the manifest's; names that everybody uses count without them.
 * `subject` says whose values they are, when the caller knows. Each value is listed once.
 */
export function collectKnown(value: JsonValue, fields: readonly OutputFieldSpec[] = [], subject: string | null = null): KnownValue[] {
  const found = new Map<string, KnownValue>();
  const add = (type: DlpType, text: string): void => {
    const key = `${type}\0${text}`;
    if (text !== '' && !found.has(key)) found.set(key, { type, value: text, subject });
  };
  const rules = parseRules(fields);
  const whole = rules.filter((rule) => rule.segments.length === 0).flatMap((rule) => rule.pii);
  const open: Place[] = [{ value, key: '', parentKey: '', about: false, rules, classes: whole.length === 0 ? NO_CLASSES : whole }];
  // A stack of our own: depth is bounded by whoever parsed the record, not by the engine's call stack.
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value: here, key } = place;
    if (typeof here === 'string' || typeof here === 'number') {
      const text = String(here).trim();
      const type = text === '' ? null : typeOf(place, text);
      if (type !== null) add(type, text);
    } else if (Array.isArray(here)) {
      for (let index = here.length - 1; index >= 0; index -= 1) {
        open.push({ ...place, ...step(place, String(index), '[]'), value: here[index] as JsonValue });
      }
    } else if (isObject(here)) {
      const full = fullName(here);
      if (full !== null) add('PERSON', full);
      const keys = Object.keys(here);
      const about = PEOPLE.has(normal(key)) || isAbout(keys);
      for (const member of keys.reverse()) {
        open.push({ ...step(place, member, member), value: here[member] as JsonValue, key: member, parentKey: key, about });
      }
    }
  }
  return [...found.values()];
}

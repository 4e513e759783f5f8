// What the labels of a model mean to us: BIO, BIOES and BILOU marks, and the kinds of names models use, mapped to our types. A label nobody maps is
// nothing. A model adds guesses alone: what has a form and check digits is found by those, whatever a model says.

import { isObject, type JsonValue, type Refusal, refuse } from '#core';

/** Types a model may add to. */
export const NER_TYPES = ['PERSON', 'STREET_ADDRESS', 'CITY', 'POSTCODE', 'DATE_OF_BIRTH', 'USERNAME'] as const;
export type NerType = (typeof NER_TYPES)[number];

export interface Label {
  /** `begin` starts another name even right behind one; `single` and `end` also finish it. */
  readonly mark: 'begin' | 'inside' | 'end' | 'single';
  /** Null: outside, or nothing of ours. */
  readonly type: NerType | null;
}

const KNOWN: Readonly<Record<NerType, string>> = {
  PERSON:
    'PER PERSON NAME FULLNAME PERSONNAME FIRSTNAME GIVENNAME LASTNAME SURNAME FAMILYNAME MIDDLENAME NAMEGIVEN NAMEFAMILY PATIENT CUSTOMER HUMAN',
  STREET_ADDRESS: 'ADDRESS STREET STREETADDRESS STREETNAME ADDR ADDRESSLINE LOCATIONADDRESS BUILDINGNUM BUILDINGNUMBER HOUSENUMBER',
  CITY: 'LOC LOCATION CITY TOWN PLACE GPE LOCATIONCITY',
  POSTCODE: 'POSTCODE POSTALCODE ZIP ZIPCODE LOCATIONZIP',
  DATE_OF_BIRTH: 'DOB DATEOFBIRTH BIRTHDATE BIRTHDAY',
  USERNAME: 'USERNAME USER LOGIN',
};
const BY_NAME: ReadonlyMap<string, NerType> = new Map(
  NER_TYPES.flatMap((type) => KNOWN[type].split(' ').map((name): [string, NerType] => [name, type])),
);
const MARKS: Readonly<Record<string, Label['mark']>> = { B: 'begin', I: 'inside', E: 'end', L: 'end', S: 'single', U: 'single' };
const OUTSIDE: Label = Object.freeze({ mark: 'inside', type: null });
const MAX_LABELS = 1_000;

const isNerType = (value: unknown): value is NerType => NER_TYPES.some((type) => type === value);
const refused = (file: string, why: string): Refusal => refuse('DLP_NER_LABELS', `${file} ${why}`, { file });

/** The operator's own map: a kind of the model to one of our types, or to null for nothing. */
function readOwn(own: JsonValue): ReadonlyMap<string, NerType | null> | Refusal {
  if (!isObject(own) || Object.keys(own).length > MAX_LABELS) return refused('labels.json', 'is no object of labels.');
  const map = new Map<string, NerType | null>();
  for (const [name, type] of Object.entries(own)) {
    if (type !== null && !isNerType(type)) return refused('labels.json', `may say ${NER_TYPES.join(', ')} or null for a label.`);
    map.set(name, type);
  }
  return map;
}

/** Labels by their number, from `config.json` and the operator's own `labels.json`. */
export function readLabels(config: JsonValue, own: JsonValue | null): readonly Label[] | Refusal {
  const named = isObject(config) ? config.id2label : undefined;
  if (!isObject(named)) return refused('config.json', 'has no id2label.');
  const overrides = own === null ? new Map<string, NerType | null>() : readOwn(own);
  if ('kind' in overrides) return overrides;
  const count = Object.keys(named).length;
  if (count === 0 || count > MAX_LABELS) return refused('config.json', `names no label, or more than ${MAX_LABELS}.`);
  const labels: Label[] = [];
  const kinds = new Set<string>();
  for (let id = 0; id < count; id += 1) {
    const word = named[String(id)];
    if (typeof word !== 'string' || word === '') return refused('config.json', 'does not name its labels from 0 on without a gap.');
    if (/^O(?:UT|UTSIDE)?$/i.test(word)) {
      labels.push(OUTSIDE);
      continue;
    }
    const [, mark = 'I', kind] = /^(?:([BIELSU])[-_])?(.+)$/.exec(word) ?? [];
    const name = kind ?? word;
    kinds.add(name);
    const known = BY_NAME.get(name.toUpperCase().replace(/[^A-Z]/g, '')) ?? null;
    const type = overrides.has(name) ? (overrides.get(name) ?? null) : known;
    labels.push({ mark: MARKS[mark] ?? 'inside', type });
  }
  const strange = [...overrides.keys()].find((name) => !kinds.has(name));
  if (strange !== undefined) return refused('labels.json', 'names a label that config.json does not have; write it without B- or I-.');
  if (labels.every(({ type }) => type === null))
    return refused('config.json', 'has no label that is known here; say in labels.json what its labels mean.');
  return labels;
}

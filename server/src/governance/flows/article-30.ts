// The record of processing activities (GDPR Article 30), made from what really happened and set against what was declared. Pure.
// INVARIANT: nothing is left out because it was not declared; what is in the record and not declared is drift, and says so.

import { DATA_CLASSES, type DataClass, type Handling, type JsonObject } from '#core';
import { escaped } from '../escaped.ts';
import { isInside, regionOf, type TransferBasis } from './regions.ts';
import { isPersonalTransfer } from './transfers.ts';
import { type Destination, type FlowRow, type LegalBasis, OWN_MACHINE, type PartyRole, type Profile } from './types.ts';

export interface RecordEntry {
  readonly recipient: string;
  readonly vendor: string | null;
  readonly role: PartyRole | 'undeclared';
  readonly hosts: readonly string[];
  readonly regions: readonly string[];
  readonly purpose: string | null;
  readonly legalBasis: LegalBasis;
  readonly transferBasis: TransferBasis | 'inside' | 'undeclared';
  readonly retentionDays: number | null;
  readonly measures: readonly string[];
  readonly received: readonly {
    readonly dataClass: DataClass;
    readonly meaning: string;
    readonly handling: Handling;
    readonly count: number;
  }[];
  readonly held: readonly { readonly dataClass: DataClass; readonly meaning: string; readonly count: number }[];
  readonly operations: readonly string[];
  readonly workflows: readonly string[];
  readonly firstAtMs: number | null;
  readonly lastAtMs: number | null;
}

export interface Drift {
  /** `undeclared`: it happens and was not declared. `unused`: it was declared and never happened. */
  readonly kind: 'undeclared' | 'unused';
  readonly recipient: string;
  readonly what: 'recipient' | 'class' | 'region';
  readonly value: string;
}

export interface DpiaTrigger {
  readonly trigger:
    | 'special_category'
    | 'state_number'
    | 'profiling'
    | 'transfer_without_adequacy'
    | 'model_in_clear'
    | 'automated_decision';
  readonly recipient: string;
  readonly because: string;
}

export interface Article30 {
  readonly controller: { readonly name: string; readonly contact: string; readonly home: string | null };
  readonly subjects: readonly string[];
  readonly entries: readonly RecordEntry[];
  readonly drift: readonly Drift[];
  readonly dpia: readonly DpiaTrigger[];
}

/** What Sallyport itself does for every call, whatever was declared. */
const OWN_MEASURES = [
  'every call authorised by policy and recorded in a signed ledger',
  'personal data replaced by placeholders before a model sees it',
  'stored values encrypted under a key of each person, erased with it',
];
const MODEL_OPERATION = 'chat';

export function article30(
  profile: Profile,
  destinations: readonly Destination[],
  flows: readonly FlowRow[],
  decisions: readonly { readonly integration: string; readonly operation: string; readonly decision: string }[] = [],
): Article30 {
  const declared = new Map(destinations.map((one) => [one.name, one]));
  const names = [...new Set([...flows.map(({ destination }) => destination), ...declared.keys()])].sort();
  const entries = names.map((name) =>
    entryOf(
      name,
      profile,
      declared.get(name),
      flows.filter(({ destination }) => destination === name),
    ),
  );
  return {
    controller: { name: profile.controller, contact: profile.contact, home: profile.home },
    subjects: ['customers of the shop', 'people whose data a customer sends'],
    entries,
    drift: names.flatMap((name) =>
      driftOf(
        name,
        declared.get(name),
        flows.filter(({ destination }) => destination === name),
      ),
    ),
    dpia: [
      ...entries.flatMap((entry) => triggersOf(entry, profile, declared.get(entry.recipient))),
      ...decisions.map(({ integration, operation, decision }): DpiaTrigger => {
        return { trigger: 'automated_decision', recipient: integration, because: `${operation} decides about a person: ${decision}` };
      }),
    ],
  };
}

function entryOf(name: string, profile: Profile, declared: Destination | undefined, flows: readonly FlowRow[]): RecordEntry {
  const out = flows.filter(({ direction }) => direction === 'out');
  const into = flows.filter(({ direction }) => direction === 'in');
  const regions = [...new Set(flows.map(({ region }) => region))].sort();
  const texts = (of: (row: FlowRow) => string): readonly string[] => [...new Set(flows.map(of))].filter((text) => text !== '').sort();
  return {
    recipient: name,
    vendor: declared?.vendor ?? null,
    role: declared?.role ?? (regions.every((region) => region === OWN_MACHINE) && flows.length > 0 ? 'own' : 'undeclared'),
    hosts: flows.length > 0 ? texts(({ host }) => host) : declared === undefined ? [] : [declared.host],
    regions: flows.length > 0 ? regions : declared === undefined ? [] : [regionOf(declared.country)],
    purpose: declared?.purpose ?? null,
    legalBasis: declared?.legalBasis ?? 'undeclared',
    transferBasis:
      declared === undefined
        ? 'undeclared'
        : profile.home !== null && isInside(profile.home, declared.country)
          ? 'inside'
          : declared.transferBasis,
    retentionDays: declared?.retentionDays ?? null,
    measures: declared === undefined || declared.measures === '' ? OWN_MEASURES : [...OWN_MEASURES, declared.measures],
    received: summed(out, (row) => `${row.dataClass} ${row.handling}`),
    held: summed(into, ({ dataClass }) => dataClass).map(({ handling: _, ...rest }) => rest),
    operations: texts(({ operation }) => operation),
    workflows: texts(({ workflow }) => workflow),
    firstAtMs: flows.length === 0 ? null : Math.min(...flows.map(({ firstAtMs }) => firstAtMs)),
    lastAtMs: flows.length === 0 ? null : Math.max(...flows.map(({ lastAtMs }) => lastAtMs)),
  };
}

function summed(rows: readonly FlowRow[], by: (row: FlowRow) => string): RecordEntry['received'] {
  return [...Map.groupBy(rows, by).values()]
    .map((group) => {
      const { dataClass, handling } = group[0] as FlowRow;
      return { dataClass, meaning: DATA_CLASSES[dataClass].meaning, handling, count: group.reduce((sum, { count }) => sum + count, 0) };
    })
    .sort((left, right) => (left.dataClass < right.dataClass ? -1 : 1));
}

function driftOf(recipient: string, declared: Destination | undefined, flows: readonly FlowRow[]): readonly Drift[] {
  const out = flows.filter((row) => row.direction === 'out' && isPersonalTransfer(row));
  const undeclared = (what: Drift['what'], values: Iterable<string>): Drift[] =>
    [...new Set(values)].sort().map((value) => ({ kind: 'undeclared', recipient, what, value }));
  if (declared === undefined) return out.length === 0 ? [] : undeclared('recipient', [recipient]);
  const seen = new Set(out.map(({ dataClass }) => dataClass));
  const region = regionOf(declared.country);
  return [
    ...undeclared(
      'class',
      [...seen].filter((dataClass) => !declared.classes.includes(dataClass)),
    ),
    ...undeclared(
      'region',
      // What was counted before the declaration stood under the region nobody had told.
      out.filter((row) => row.region !== region && row.lastAtMs > declared.declaredAtMs).map((row) => row.region),
    ),
    ...declared.classes
      .filter((dataClass) => !seen.has(dataClass))
      .map((value): Drift => ({ kind: 'unused', recipient, what: 'class', value })),
  ];
}

const NEEDS_CARE: Partial<Readonly<Record<DataClass, DpiaTrigger['trigger']>>> = {
  health_detail: 'special_category',
  government_id: 'state_number',
};

function triggersOf(entry: RecordEntry, profile: Profile, declared: Destination | undefined): readonly DpiaTrigger[] {
  const { recipient, received, operations } = entry;
  const found: DpiaTrigger[] = [];
  for (const { dataClass, meaning } of received) {
    const trigger = NEEDS_CARE[dataClass];
    if (trigger !== undefined) found.push({ trigger, recipient, because: `${meaning} goes there` });
  }
  const clear = received.filter(({ dataClass, handling }) => handling === 'clear' && DATA_CLASSES[dataClass].sensitivity === 'personal_id');
  if (operations.includes(MODEL_OPERATION) && clear.length > 0)
    found.push({
      trigger: 'model_in_clear',
      recipient,
      because: `a model receives ${clear.map(({ dataClass }) => dataClass).join(', ')} in clear`,
    });
  for (const use of declared?.uses ?? [])
    found.push({ trigger: use === 'sensitive' ? 'special_category' : 'profiling', recipient, because: `declared for ${use}` });
  if (declared !== undefined && profile.home !== null && !isInside(profile.home, declared.country) && declared.transferBasis !== 'adequacy')
    found.push({ trigger: 'transfer_without_adequacy', recipient, because: `goes to ${declared.country} on ${declared.transferBasis}` });
  return found;
}

/** A page that can be printed and handed over; values are data, never markup. */
export function article30Html(record: JsonObject): string {
  const list = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);
  const text = (value: unknown): string =>
    value === null || value === undefined || value === ''
      ? '–'
      : Array.isArray(value)
        ? value.map(String).join(', ') || '–'
        : String(value);
  const table = (heads: readonly string[], rows: readonly (readonly unknown[])[]): string =>
    `<table><thead><tr>${heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join('')}</tr></thead><tbody>${rows
      .map((row) => `<tr>${row.map((value) => `<td>${escaped(text(value))}</td>`).join('')}</tr>`)
      .join('')}</tbody></table>`;
  const controller = (record.controller ?? {}) as JsonObject;
  const classes = (value: unknown): string[] =>
    list(value).map((one) => `${text(one.meaning)} (${text(one.handling ?? 'held')}, ${text(one.count)})`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Record of processing activities</title><style>
body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#111}table{border-collapse:collapse;width:100%;margin:0 0 1.5rem}
th,td{border:1px solid #bbb;padding:.4rem .5rem;text-align:left;vertical-align:top}th{background:#f2f2f2}</style></head><body>
<h1>Record of processing activities</h1>
<p>Controller: ${escaped(text(controller.name))} · Contact: ${escaped(text(controller.contact))} · Country: ${escaped(text(controller.home))}<br>
Made from recorded calls at ${escaped(text(record.generatedAt))}. People: ${escaped(text(record.subjects))}.</p>
<h2>Recipients</h2>
${table(
  [
    'Recipient',
    'Vendor',
    'Role',
    'Purpose',
    'Legal basis',
    'Receives',
    'Region',
    'Transfer basis',
    'Kept (days)',
    'Security',
    'First seen',
    'Last seen',
  ],
  list(record.entries).map((one) => [
    one.recipient,
    one.vendor,
    one.role,
    one.purpose,
    one.legalBasis,
    classes(one.received),
    one.regions,
    one.transferBasis,
    one.retentionDays,
    one.measures,
    one.firstSeen,
    one.lastSeen,
  ]),
)}
<h2>Where it differs from what was declared</h2>
${table(
  ['Difference', 'Recipient', 'What', 'Value'],
  list(record.drift).map((one) => [one.kind, one.recipient, one.what, one.value]),
)}
<h2>Reasons for an impact assessment</h2>
${table(
  ['Reason', 'Recipient', 'Because'],
  list(record.dpia).map((one) => [one.trigger, one.recipient, one.because]),
)}
</body></html>
`;
}

// The written data policy: what is done with each class of data, in sentences made from the rules that run. Decides nothing itself.
// INVARIANT: a sentence is made from the value that is enforced, so a policy that changed can not read as it did before.

import {
  DATA_CLASS_NAMES,
  type DataClass,
  DESTINATION_KINDS,
  type DestinationKind,
  dataClassSpec,
  HANDLINGS,
  type Handling,
  isLocked,
  SENSITIVITIES,
  type Sensitivity,
  type UnsureHandling,
} from './data-classes.ts';

/** What a tenant chose instead of a default. */
export interface DataPolicyChoice {
  readonly handling?: Partial<Readonly<Record<DestinationKind, Handling>>>;
  readonly unsure?: UnsureHandling;
  readonly keepDays?: number | null;
  /** Where one integration is treated differently from its kind. */
  readonly exceptions?: readonly DataPolicyException[];
  /** Rules on trial: counted, not followed. */
  readonly trials?: readonly DataPolicyException[];
}

export interface DataPolicyException {
  readonly destination: string;
  readonly handling: Handling;
}

export interface DataPolicyRow {
  readonly class: DataClass;
  readonly meaning: string;
  readonly sensitivity: Sensitivity;
  readonly handling: Readonly<Record<DestinationKind, Handling>>;
  readonly unsure: UnsureHandling;
  readonly keepDays: number | null;
  /** Destinations for which nobody can choose to show it, nor a placeholder of it. */
  readonly locked: readonly DestinationKind[];
  readonly exceptions: readonly DataPolicyException[];
  readonly trials: readonly DataPolicyException[];
  /** What differs from the defaults of the product. */
  readonly changed: readonly string[];
}

export function dataPolicy(choices: Partial<Readonly<Record<DataClass, DataPolicyChoice>>> = {}): readonly DataPolicyRow[] {
  return DATA_CLASS_NAMES.map((name): DataPolicyRow => {
    const spec = dataClassSpec(name);
    const chosen = choices[name] ?? {};
    const handling = { ...spec.handling, ...chosen.handling };
    const unsure = chosen.unsure ?? spec.unsure;
    const keepDays = chosen.keepDays === undefined ? spec.keepDays : chosen.keepDays;
    return {
      class: name,
      meaning: spec.meaning,
      sensitivity: spec.sensitivity,
      handling,
      unsure,
      keepDays,
      locked: DESTINATION_KINDS.filter((kind) => isLocked(name, kind, 'clear')),
      exceptions: chosen.exceptions ?? [],
      trials: chosen.trials ?? [],
      changed: [
        ...DESTINATION_KINDS.filter((kind) => handling[kind] !== spec.handling[kind]),
        ...(unsure === spec.unsure ? [] : ['unsure']),
        ...(keepDays === spec.keepDays ? [] : ['keepDays']),
      ],
    };
  });
}

const DONE: Readonly<Record<Handling, string>> = {
  clear: 'as it is',
  tokenise: 'as a placeholder',
  mask: 'removed for good',
  refuse: 'refused',
};
const UNSURE: Readonly<Record<UnsureHandling, string>> = {
  leave: 'left as it is',
  mask: 'removed',
  ask: 'a person is asked',
  refuse: 'the call is refused',
};
const SENSITIVE: Readonly<Record<Sensitivity, string>> = {
  public: 'Public: what everybody may know',
  internal: 'Internal: for the shop’s own people',
  confidential: 'Confidential: the business’s own figures',
  personal: 'Personal: about somebody',
  personal_id: 'Personal and naming: who somebody is, and how they are reached',
  restricted: 'Restricted: never shown whole',
};
const TOWARDS: Readonly<Record<DestinationKind, string>> = {
  model: 'a model',
  tool: 'an operation of an integration',
  customer: 'the customer it is about',
  web: 'any other page of the web',
};

function keptFor(days: number | null): string {
  if (days === null) return 'as long as the record it belongs to';
  if (days === 0) return 'not kept';
  return days % 365 === 0
    ? `${days / 365} ${days === 365 ? 'year' : 'years'} after its purpose ended`
    : `${days} days after its purpose ended`;
}

/** A rule of retention a tenant set: for a class or for all, in a place or in all, for a purpose or for any. */
export interface RetentionRuleText {
  readonly dataClass: string | null;
  readonly place: string | null;
  readonly purpose: string | null;
  readonly minutes: number;
}

export interface RetentionText {
  readonly rules: readonly RetentionRuleText[];
  /** Days a place keeps anything at most. */
  readonly places: Readonly<Record<string, number>>;
}

function spanOf(minutes: number): string {
  if (minutes % 1_440 === 0) return `${minutes / 1_440} ${minutes === 1_440 ? 'day' : 'days'}`;
  return minutes % 60 === 0 ? `${minutes / 60} ${minutes === 60 ? 'hour' : 'hours'}` : `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
}

function whereOf({ place, purpose }: RetentionRuleText): string {
  return [place === null ? 'everywhere' : `in ${place}`, purpose === null ? null : `for ${purpose}`]
    .filter((part) => part !== null)
    .join(', ');
}

/** The policy as people read it. `title` says whose it is. */
export function dataPolicyText(
  rows: readonly DataPolicyRow[],
  title: string,
  retention: RetentionText = { rules: [], places: {} },
): string {
  const lines = [
    title,
    '',
    `${rows.length} classes of data. Towards each kind of destination a value is given ${HANDLINGS.map((handling) => DONE[handling]).join(', ')}.`,
  ];
  for (const sensitivity of [...SENSITIVITIES].reverse()) {
    const here = rows.filter((row) => row.sensitivity === sensitivity);
    if (here.length === 0) continue;
    lines.push('', SENSITIVE[sensitivity]);
    for (const row of here) {
      lines.push('', `  ${row.class}: ${row.meaning}`);
      for (const kind of DESTINATION_KINDS) {
        const locked = row.locked.includes(kind) ? ' (locked: nobody can loosen this)' : '';
        const changed = row.changed.includes(kind) ? ' (changed here)' : '';
        lines.push(`    to ${TOWARDS[kind]}: ${DONE[row.handling[kind]]}${locked}${changed}`);
      }
      for (const { destination, handling } of row.exceptions) lines.push(`    to ${destination}: ${DONE[handling]} (changed here)`);
      for (const { destination, handling } of row.trials)
        lines.push(`    on trial, not followed yet: to ${destination}: ${DONE[handling]}`);
      lines.push(`    when it is not sure that it is one: ${UNSURE[row.unsure]}${row.changed.includes('unsure') ? ' (changed here)' : ''}`);
      lines.push(`    kept: ${keptFor(row.keepDays)}${row.changed.includes('keepDays') ? ' (changed here)' : ''}`);
      for (const rule of retention.rules.filter(({ dataClass }) => dataClass === row.class))
        lines.push(`    kept ${whereOf(rule)}: ${spanOf(rule.minutes)} (set here)`);
    }
  }
  const general = retention.rules.filter(({ dataClass }) => dataClass === null);
  const places = Object.entries(retention.places);
  if (general.length + places.length > 0) lines.push('', 'Whatever it holds');
  for (const rule of general) lines.push(`  kept ${whereOf(rule)}: ${spanOf(rule.minutes)} (set here)`);
  for (const [place, days] of places) lines.push(`  kept in ${place}: ${spanOf(days * 1_440)} at most`);
  lines.push(
    '',
    'A card verification value is dropped wherever it is found. What no rule and no map names is handled as the most sensitive of all.',
  );
  return `${lines.join('\n')}\n`;
}

/** The defaults as rows of a table, for the docs. */
export function dataPolicyTable(rows: readonly DataPolicyRow[]): readonly string[] {
  const cell = (row: DataPolicyRow, kind: DestinationKind): string =>
    `${DONE[row.handling[kind]]}${row.locked.includes(kind) ? ' 🔒' : ''}`;
  return [
    `| class | what it is | sensitivity | ${DESTINATION_KINDS.join(' | ')} | when unsure | kept |`,
    `|---|---|---|${DESTINATION_KINDS.map(() => '---|').join('')}---|---|`,
    ...rows.map(
      (row) =>
        `| \`${row.class}\` | ${row.meaning} | ${row.sensitivity} | ${DESTINATION_KINDS.map((kind) => cell(row, kind)).join(' | ')} | ${UNSURE[row.unsure]} | ${keptFor(row.keepDays)} |`,
    ),
  ];
}

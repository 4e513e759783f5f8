// Who may see what: the table of core with a tenant's own rules over it, resolved once for each destination and read without a search.
// Pure. INVARIANT: what `isLocked` forbids is never the answer, whatever a stored rule says.

import {
  DATA_CLASS_NAMES,
  type DataClass,
  type DestinationKind,
  dataClassOfType,
  dataClassSpec,
  HANDLINGS,
  type Handling,
  isLocked,
  type UnsureHandling,
} from '#core';
import { DLP_TYPES, type DlpType } from '#dlp';

/**
 * `monitor`: what the rule would do is counted, and what was in force before goes on. `asked`: nothing is done with a find by it; `clear` lets
 * a person who is asked about a doubtful one send it as it is.
 */
export const RULE_MODES = ['monitor', 'enforce', 'asked'] as const;
export type RuleMode = (typeof RULE_MODES)[number];

/** A kind of destination, or one integration or platform by name: `integration:shop`. */
export type RuleDestination = string;

export interface DataRule {
  readonly destination: RuleDestination;
  readonly dataClass: DataClass;
  readonly mode: RuleMode;
  readonly handling: Handling;
}

export interface UnsureRule {
  readonly dataClass: DataClass;
  readonly unsure: UnsureHandling;
}

/** What is done with each type of find towards one destination. */
export interface Towards {
  readonly kind: DestinationKind;
  readonly integration: string | null;
  readonly handling: Readonly<Record<DlpType, Handling>>;
  /** What a rule on trial would do; only types for which that differs. */
  readonly trial: ReadonlyMap<DlpType, Handling>;
  /** Types that may be seen there. */
  readonly seen: ReadonlySet<DlpType>;
  /** Types for which the call is refused. */
  readonly refused: ReadonlySet<DlpType>;
  /** Types of which a person who is asked may let a doubtful find through as it is. */
  readonly asIs: ReadonlySet<DlpType>;
}

/** What is done with one class towards one destination, and why. */
export interface Cell {
  readonly handling: Handling;
  /** From the table of core, from a rule for the kind, or from a rule for the integration itself. */
  readonly from: 'default' | 'kind' | 'integration';
  readonly trial: Handling | null;
  /** Whether a person who is asked about a doubtful find may send it as it is. */
  readonly asIs: boolean;
}

export interface TenantMatrix {
  readonly rules: readonly DataRule[];
  readonly unsureRules: readonly UnsureRule[];
  towards(kind: DestinationKind, integration: string | null): Towards;
  cell(kind: DestinationKind, integration: string | null, name: DataClass): Cell;
  /** What happens with a guess that is not sure. */
  unsure(name: DataClass): UnsureHandling;
  /** The same by type of find. */
  readonly unsureByType: Readonly<Record<DlpType, UnsureHandling>>;
}

export function integrationDestination(name: string): RuleDestination {
  return `integration:${name}`;
}

export function isLooser(handling: Handling, than: Handling): boolean {
  return HANDLINGS.indexOf(handling) < HANDLINGS.indexOf(than);
}

const CHOICES: Readonly<Record<DestinationKind, readonly Handling[]>> = {
  model: HANDLINGS,
  // Elsewhere a value is there or not: a placeholder means nothing to a shop or a page, and in a reply it is as good as a mask.
  tool: ['clear', 'refuse'],
  customer: ['clear', 'mask', 'refuse'],
  web: ['clear', 'refuse'],
};

/** What a rule may say of a class towards a kind of destination. */
export function choicesOf(kind: DestinationKind, name: DataClass): readonly Handling[] {
  return CHOICES[kind].filter((handling) => !isLocked(name, kind, handling));
}

/** What a rule may say of what a person who is asked may do: let a doubtful find through, or not. */
export function choicesWhenAsked(kind: DestinationKind, name: DataClass): readonly Handling[] {
  return (['clear', 'mask'] as const).filter((handling) => kind === 'model' && !isLocked(name, kind, handling));
}

const keyOf = (destination: RuleDestination, name: DataClass, mode: RuleMode): string => `${destination}\0${name}\0${mode}`;

export function createMatrix(rules: readonly DataRule[], unsureRules: readonly UnsureRule[]): TenantMatrix {
  const stored = new Map(rules.map((rule) => [keyOf(rule.destination, rule.dataClass, rule.mode), rule.handling]));
  const unsure = new Map(unsureRules.map((rule) => [rule.dataClass, rule.unsure]));
  const resolved = new Map<string, Towards>();

  /** A rule that came to be for what it may not: an integration of that name that was a shop and is a model now. */
  const ruled = (kind: DestinationKind, destination: RuleDestination, name: DataClass, mode: RuleMode): Handling | undefined => {
    const handling = stored.get(keyOf(destination, name, mode));
    return handling !== undefined && isLocked(name, kind, handling) ? undefined : handling;
  };

  /** What is said of an integration is said of its tool or model. A page that one of its operations fetches may get less by it, never more. */
  const ruledOwn = (kind: DestinationKind, own: RuleDestination | null, name: DataClass, mode: RuleMode): Handling | undefined => {
    const handling = own === null ? undefined : ruled(kind, own, name, mode);
    const around = ruled(kind, kind, name, mode) ?? dataClassSpec(name).handling[kind];
    return kind === 'web' && handling !== undefined && isLooser(handling, around) ? undefined : handling;
  };

  const cell = (kind: DestinationKind, integration: string | null, name: DataClass): Cell => {
    const own = integration === null ? null : integrationDestination(integration);
    const ownRule = ruledOwn(kind, own, name, 'enforce');
    const kindRule = ruled(kind, kind, name, 'enforce');
    const handling = ownRule ?? kindRule ?? dataClassSpec(name).handling[kind];
    const trial = ruledOwn(kind, own, name, 'monitor') ?? ruled(kind, kind, name, 'monitor') ?? null;
    const from = ownRule !== undefined ? 'integration' : kindRule !== undefined ? 'kind' : 'default';
    const asked = ruledOwn(kind, own, name, 'asked') ?? ruled(kind, kind, name, 'asked');
    const asIs = kind === 'model' && handling !== 'refuse' && (handling === 'clear' || asked === 'clear');
    return { handling, from, trial: trial === handling ? null : trial, asIs };
  };

  const resolve = (kind: DestinationKind, integration: string | null): Towards => {
    const cells = new Map(DATA_CLASS_NAMES.map((name) => [name, cell(kind, integration, name)]));
    const of = (type: DlpType): Cell => cells.get(dataClassOfType(type) ?? 'credential') as Cell;
    const handling = Object.fromEntries(DLP_TYPES.map((type) => [type, of(type).handling])) as Record<DlpType, Handling>;
    return Object.freeze({
      kind,
      integration,
      handling: Object.freeze(handling),
      trial: new Map(DLP_TYPES.flatMap((type) => (of(type).trial === null ? [] : [[type, of(type).trial as Handling] as const]))),
      seen: new Set(DLP_TYPES.filter((type) => handling[type] === 'clear')),
      refused: new Set(DLP_TYPES.filter((type) => handling[type] === 'refuse')),
      asIs: new Set(DLP_TYPES.filter((type) => of(type).asIs)),
    });
  };

  const unsureOf = (name: DataClass): UnsureHandling => unsure.get(name) ?? dataClassSpec(name).unsure;
  return Object.freeze({
    rules,
    unsureRules,
    unsureByType: Object.freeze(
      Object.fromEntries(DLP_TYPES.map((type) => [type, unsureOf(dataClassOfType(type) ?? 'credential')])),
    ) as Readonly<Record<DlpType, UnsureHandling>>,
    cell,
    towards: (kind: DestinationKind, integration: string | null) => {
      const key = `${kind}\0${integration ?? ''}`;
      const known = resolved.get(key);
      if (known !== undefined) return known;
      const made = resolve(kind, integration);
      resolved.set(key, made);
      return made;
    },
    unsure: unsureOf,
  });
}

/** A tenant without rules. */
export const DEFAULT_MATRIX: TenantMatrix = createMatrix([], []);

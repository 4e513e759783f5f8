// What one version may do that another may not: every fact that came, went or changed, and whether it lets the workflow do more.
// Pure, and complete: two versions with the same facts give no change, and any other pair gives at least one.

import { ASSURANCES } from '#core';
import { AREAS, type Area, type Permission } from './describe-version.ts';

export interface PermissionChange {
  readonly area: Area;
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
  /** `wider`: the new version may do more; `narrower`: less; `other`: something else. */
  readonly direction: 'wider' | 'narrower' | 'other';
}

/** Areas in which being there at all means being allowed. */
const GRANTS: ReadonlySet<Area> = new Set(['integration', 'operation', 'tool', 'model']);
const DIRECTIONS = ['wider', 'other', 'narrower'] as const;

export function comparePermissions(before: readonly Permission[], after: readonly Permission[]): readonly PermissionChange[] {
  const keyOf = ({ area, name }: Permission): string => `${area} ${name}`;
  const old = new Map(before.map((permission) => [keyOf(permission), permission]));
  const next = new Map(after.map((permission) => [keyOf(permission), permission]));
  const changes = [...new Map([...old, ...next])].flatMap(([key, { area, name }]): PermissionChange[] => {
    const from = old.get(key)?.value ?? null;
    const to = next.get(key)?.value ?? null;
    return from === to ? [] : [{ area, name, before: from, after: to, direction: directionOf(area, from, to) }];
  });
  return changes.toSorted(
    (left, right) =>
      DIRECTIONS.indexOf(left.direction) - DIRECTIONS.indexOf(right.direction) || AREAS.indexOf(left.area) - AREAS.indexOf(right.area),
  );
}

function directionOf(area: Area, before: string | null, after: string | null): PermissionChange['direction'] {
  if (GRANTS.has(area)) return before === null ? 'wider' : after === null ? 'narrower' : 'wider';
  if (area === 'limit') return byOrder(Number(before ?? 0), Number(after ?? Number.POSITIVE_INFINITY));
  // The workflow vouches for the channel: claiming that it proves more lets its steps touch more.
  if (area === 'assurance') return byOrder(rankOf(before), rankOf(after));
  // A step that asked a person and is gone, or became another kind, asks nobody any more.
  if (area === 'step' && isQuestion(before) !== isQuestion(after)) return isQuestion(before) ? 'wider' : 'narrower';
  if (area === 'refusal') return after === 'continue' ? 'wider' : before === 'continue' ? 'narrower' : 'other';
  return 'other';
}

const isQuestion = (place: string | null): boolean => place?.startsWith('approval,') === true;
const rankOf = (assurance: string | null): number => (ASSURANCES as readonly (string | null)[]).indexOf(assurance);
const byOrder = (before: number, after: number): PermissionChange['direction'] =>
  after > before ? 'wider' : after < before ? 'narrower' : 'other';

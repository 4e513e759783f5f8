// Small parts that several pages of People & access show: roles, conflicts, what a grant covers, and when access ends.

import type { ReactNode } from 'react';
import { type ConditionOf, type Conflict, groupsQuery, type ScopeOf } from '../../api/access.ts';
import { actionName, roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatDay } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { useLook } from '../../ui/may.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.people;
const SOON_MS = 7 * 86_400_000;

export const nameOf = (person: { readonly name: string | null } | undefined): string =>
  person === undefined || person.name === null ? text.noName : visible(person.name);

export function RoleTags({ roles }: { roles: readonly string[] }): ReactNode {
  if (roles.length === 0) return <span className="soft">{text.rolesNone}</span>;
  return (
    <span className="row snug">
      {roles.map((role) => (
        <span key={role} className={`tag ${role === 'owner' ? 'strong' : ''}`}>
          {visible(roleName(role))}
        </span>
      ))}
    </span>
  );
}

/** Which two things should be apart, and why. */
export function Conflicts({ conflicts }: { conflicts: readonly Conflict[] }): ReactNode {
  return (
    <ul className="why">
      {conflicts.map(({ a, b, why }) => (
        <li key={`${a} ${b}`} className="warn">
          <Icon name="warn" />
          <span>
            <b>{text.one.conflict(actionName(a), actionName(b))}</b> <span className="soft">{why}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

export function scopeWords(scope: ScopeOf): string {
  const parts = Object.entries(scope).flatMap(([kind, name]) =>
    typeof name === 'string'
      ? [`${text.grants.scopes[kind] ?? kind} ${(kind === 'dataClass' ? text.grants.customerClasses[name] : undefined) ?? visible(name)}`]
      : [],
  );
  return parts.length === 0 ? text.grants.whole : parts.join(', ');
}

export function conditionWords(condition: ConditionOf | null): string {
  if (condition === null) return text.grants.conditionNone;
  const words = text.grants.conditions;
  const parts = [
    condition.hours === undefined ? [] : [words.hours(condition.hours.from, condition.hours.to)],
    condition.network === undefined ? [] : [words.network],
    condition.passkey === undefined ? [] : [words.passkey],
    condition.device === undefined ? [] : [words.device],
  ].flat();
  return parts.length === 0 ? text.grants.conditionNone : parts.join(', ');
}

/** When access ends: its day, and a word when that is near or over. */
export function Until({ at }: { at: string | null }): ReactNode {
  if (at === null) return <span className="soft">{text.grants.noEnd}</span>;
  const left = Date.parse(at) - Date.now();
  return (
    <>
      <time dateTime={at}>{formatDay(at)}</time>{' '}
      {left <= 0 ? <Badge tone="plain">{text.ended}</Badge> : left < SOON_MS ? <Badge tone="warn">{text.endsSoon}</Badge> : null}
    </>
  );
}

/** Through what somebody came by a grant, in words; a group by its name where that may be seen. */
export function useViaWords(): (via: string) => string {
  const groups = useLook('access.view', groupsQuery).data?.groups ?? [];
  return (via) => {
    const [kind = '', id] = via.split(':');
    const word = text.grants.vias[kind] ?? kind;
    const name = kind === 'group' ? groups.find((group) => group.id === id)?.name : undefined;
    return name === undefined ? word : `${word} ${visible(name)}`;
  };
}

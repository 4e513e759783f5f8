// How places, ways and states of the picture are called.

import type { PlainPlace, PlainText } from '../../api/encryption.ts';
import { strings } from '../../strings/en.ts';
import type { Tone } from '../../ui/badge.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.encryption;

export const kindName = (kind: string): string => text.kinds[kind] ?? kind;

export function placeName({ kind, name }: Pick<PlainPlace, 'kind' | 'name'>): string {
  if (name === null) return kindName(kind);
  return text.named(kindName(kind), kind === 'webhook' ? (text.webhooks[name] ?? name) : visible(name));
}

export const stateName = (state: string): string => text.states[state] ?? state;

export function namesOf({ places }: PlainText): (id: string) => string {
  const names = new Map(places.map((one) => [one.id, one.kind === 'server' ? text.server : placeName(one)]));
  return (id) => names.get(id) ?? id;
}

export const isFault = ({ warnings }: { readonly warnings: readonly { readonly grade: string }[] }): boolean =>
  warnings.some(({ grade }) => grade === 'fault');

const TONES: Readonly<Record<string, Tone>> = { sealed: 'good', clear_to_recipient: 'info', clear: 'warn' };
export const toneOf = (one: { readonly state: string; readonly warnings: readonly { readonly grade: string }[] }): Tone =>
  isFault(one) ? 'bad' : (TONES[one.state] ?? 'plain');

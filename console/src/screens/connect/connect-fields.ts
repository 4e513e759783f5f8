// What the fields of "Connect mine" take, checked before the server is asked. Pure.

import type { Provider } from '../../api/connect.ts';
import { strings } from '../../strings/en.ts';

const text = strings.connect.faults;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const modelsOf = (words: string): readonly string[] => [
  ...new Set(
    words
      .split(/[\s,]+/)
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  ),
];

export const nameFault = (name: string, taken: readonly string[], takenText: string = text.taken): string | null =>
  !NAME.test(name) ? text.name : taken.includes(name) ? takenText : null;

/** Only what can never work is said here; what the network says, the server finds out. */
export function urlFault(baseUrl: string): string | null {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const isAddress = url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
  const isPlain = isAddress && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return isPlain ? null : text.baseUrl;
}

export type ProviderFaults = Readonly<Record<'name' | 'baseUrl' | 'models', string | null>>;

export function providerFaults(provider: Provider, taken: readonly string[]): ProviderFaults {
  return {
    name: nameFault(provider.name, taken),
    baseUrl: urlFault(provider.baseUrl),
    models: provider.models.length === 0 ? text.models : null,
  };
}

// Reads what an ID token says of a person beside who it is: groups, name, id elsewhere, and how the person proved it. Pure.
// INVARIANT: what is missing, of another type or without end counts as not said; nothing here recognises anybody by an address.

import type { IDToken } from 'oauth4webapi';
import { shownName } from '../people/profiles.ts';
import type { ProviderSettings } from '../store/federation.ts';

const MAX_GROUPS = 1_000;
const MAX_TEXT = 256;
/** Authentication methods (RFC 8176) that are more than something one knows. */
const SECOND_FACTOR: ReadonlySet<string> = new Set(['mfa', 'hwk']);
/** A login that is not older counts as a confirmation just now. */
export const FRESH_MS = 5 * 60_000;

export interface Said {
  readonly name: string | null;
  /** Values of the groups claim. */
  readonly groups: ReadonlySet<string>;
  /** What the same company's provisioning calls the person. */
  readonly externalId: string | null;
  /** Whether the login vouches for the device; absent when it is not asked or does not say. */
  readonly isManaged?: boolean;
  /** When a second factor was given, as far as is known; null when none was. */
  readonly secondFactorAtMs: number | null;
}

export function readClaims(claims: IDToken, settings: ProviderSettings, nowMs: number): Said {
  const named = [claims.given_name, claims.family_name].filter((part) => typeof part === 'string').join(' ');
  return {
    name: shownName(claims.name, named),
    groups: new Set(settings.groupsClaim === null ? [] : textsOf(claims[settings.groupsClaim])),
    externalId: settings.externalIdClaim === null ? null : (textsOf(claims[settings.externalIdClaim])[0] ?? null),
    ...postureOf(settings.deviceClaim == null ? undefined : claims[settings.deviceClaim]),
    secondFactorAtMs: hasSecondFactor(claims, settings) ? whenOf(claims.auth_time, nowMs) : null,
  };
}

function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value.slice(0, MAX_GROUPS) : [value];
  return list.filter((one): one is string => typeof one === 'string' && one !== '' && one.length <= MAX_TEXT);
}

/** As Entra, Okta and others write it: a truth value, or one of these words. Anything else says nothing. */
const MANAGED: ReadonlySet<unknown> = new Set([true, 'true', 'managed', 'compliant']);
const UNMANAGED: ReadonlySet<unknown> = new Set([false, 'false', 'unmanaged', 'noncompliant', 'not_compliant']);

function postureOf(claim: unknown): { readonly isManaged?: boolean } {
  const word = typeof claim === 'string' ? claim.toLowerCase() : claim;
  if (MANAGED.has(word)) return { isManaged: true };
  return UNMANAGED.has(word) ? { isManaged: false } : {};
}

function hasSecondFactor({ amr, acr }: IDToken, { secondFactorAcr }: ProviderSettings): boolean {
  return textsOf(amr).some((method) => SECOND_FACTOR.has(method)) || textsOf(acr).some((level) => secondFactorAcr.includes(level));
}

/** A provider that does not say when may mean this morning: it counts, and not as just now. */
function whenOf(authTime: unknown, nowMs: number): number {
  const atMs = typeof authTime === 'number' && Number.isFinite(authTime) ? authTime * 1_000 : nowMs - FRESH_MS - 1;
  return Math.min(nowMs, Math.max(0, Math.floor(atMs)));
}

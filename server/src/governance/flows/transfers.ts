// Decides whether personal data may go to a place, from what was declared. Pure: values in, values out.
// INVARIANT: once a tenant has said where it is, what is not declared, or declared for another host, is no basis.

import { DATA_CLASSES, type DataClass, type Handling, type Refusal, refuse } from '#core';
import { bindsOrigin, isFit, isInside, regionOf } from './regions.ts';
import { type Destination, OWN_MACHINE, type Profile, UNKNOWN_REGION } from './types.ts';

export interface Place {
  /** Name of the integration. */
  readonly destination: string;
  readonly host: string;
  /** Our own machine: the demo, and what was declared as nothing else. */
  readonly isOwnMachine: boolean;
}

export interface Carried {
  readonly dataClass: DataClass;
  readonly handling: Handling;
}

/** A placeholder still stands for somebody and can be put back: it is personal data, what was masked or refused is not. */
export function isPersonalTransfer({ dataClass, handling }: Carried): boolean {
  return DATA_CLASSES[dataClass].pii.length > 0 && (handling === 'clear' || handling === 'tokenise');
}

/** The declaration that holds for this place now. */
export function declaredFor(place: Place, declared: Destination | undefined): Destination | null {
  return declared !== undefined && declared.host === place.host ? declared : null;
}

export function regionOfPlace(place: Place, declared: Destination | undefined): string {
  const held = declaredFor(place, declared);
  if (held !== null) return regionOf(held.country);
  return place.isOwnMachine && declared === undefined ? OWN_MACHINE : UNKNOWN_REGION;
}

/** What is missing for a transfer there; null when nothing is. */
export function missingFor(home: string, place: Place, declared: Destination | undefined): 'country' | 'transfer_basis' | null {
  const held = declaredFor(place, declared);
  if (held === null) return place.isOwnMachine && declared === undefined ? null : 'country';
  if (isInside(home, held.country)) return null;
  return isFit(home, held.country, held.transferBasis) ? null : 'transfer_basis';
}

export interface Verdict {
  readonly region: string;
  readonly refusal: Refusal | null;
  /** Would be refused if the tenant had said where it is, or is. */
  readonly missing: 'country' | 'transfer_basis' | null;
}

/**
 * Judges what a call carries to a place. What was read in a region whose law goes with it is under that law and the tenant's: both must let it go there.
 */
export function judgeTransfer(
  profile: Profile | undefined,
  place: Place,
  declared: Destination | undefined,
  { carried, from }: { readonly carried: readonly Carried[]; readonly from: ReadonlySet<string> },
): Verdict {
  const region = regionOfPlace(place, declared);
  const home = profile?.home ?? null;
  const personal = carried.filter(isPersonalTransfer);
  if (home === null || personal.length === 0) return { region, refusal: null, missing: null };
  const origins = [regionOf(home), ...[...from].filter(bindsOrigin).sort()];
  const origin = origins.find((one) => missingFor(one, place, declared) !== null);
  if (origin === undefined) return { region, refusal: null, missing: null };
  const missing = missingFor(origin, place, declared);
  const sentence =
    missing === 'country'
      ? `Personal data would go to ${place.destination}, whose country nobody has declared; declare it, and the transfer basis.`
      : `Personal data would leave ${origin} for ${region}, and no transfer basis is declared that carries it; declare one for ${place.destination}.`;
  const evidence = {
    destination: place.destination,
    region,
    home: regionOf(home),
    origin,
    missing,
    classes: [...new Set(personal.map(({ dataClass }) => dataClass))].sort(),
  };
  return { region, missing, refusal: refuse('GOVERNANCE_TRANSFER_BASIS_MISSING', sentence, evidence) };
}

/** Whether what was declared says that this class goes there. */
export function isDeclared(place: Place, declared: Destination | undefined, dataClass: DataClass): boolean {
  const held = declaredFor(place, declared);
  if (held === null) return place.isOwnMachine && declared === undefined;
  return held.classes.includes(dataClass);
}

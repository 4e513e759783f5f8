// What is known of a request's surroundings: conditions of its tenant, risk of its session, where its address is; and what becomes of denials.
// The policies decide; this only says what is.

import { readFileSync } from 'node:fs';
import type { ControlPorts } from '#control';
import { type Action, type Clock, type PersonPrincipal, type Random, type Refusal, refuse, SallyportError } from '#core';
import {
  type AccessContext,
  type Address,
  type ConditionsRoom,
  type Countries,
  clientAddress,
  contextOf,
  type Identity,
  isInHours,
  NO_COUNTRIES,
  openConditions,
  openRisk,
  parseAddress,
  parseCountries,
  parseRange,
  type Range,
  type RiskRoom,
} from '#identity';
import type { Database, EventWriter } from '#storage';
import type { Config } from '../settings.ts';
import { createDenials, type Denials } from './denials.ts';

export interface Surroundings {
  readonly conditions: ConditionsRoom;
  readonly risk: RiskRoom;
  readonly denials: Denials;
  /** The attributes the access policies decide on. */
  circumstances(person: PersonPrincipal, action: Action, takesAway: boolean): AccessContext;
  readonly ports: ControlPorts['surroundings'];
  close(): Promise<void>;
}

export interface SurroundingsDeps {
  readonly config: Pick<Config, 'trustedProxies' | 'countriesFile'>;
  readonly database: Database;
  readonly identity: Pick<Identity, 'onChange' | 'stillValid'>;
  readonly events: Pick<EventWriter, 'appendSoon'>;
  /** Under which marks of addresses are kept. */
  readonly pepper: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (fault: unknown) => void;
}

function trustedRanges(texts: readonly string[]): readonly Range[] {
  return texts.map((text) => {
    const range = parseRange(text);
    if (range === null)
      throw new SallyportError('MAIN_CONFIG_INVALID', `Setting trustedProxies: ${text} is no address or range such as 10.0.0.0/8.`);
    return range;
  });
}

function readCountries(path: string | null): Countries {
  if (path === null) return NO_COUNTRIES;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SallyportError('MAIN_CONFIG_UNREADABLE', `The file of countries ${path} can not be read.`, { cause });
  }
  try {
    return parseCountries(text);
  } catch (cause) {
    throw new SallyportError('MAIN_CONFIG_INVALID', `The file of countries ${path} is wrong: ${(cause as Error).message}.`, { cause });
  }
}

/** A step-up is asked for, not denied. */
const ASKED: ReadonlySet<string> = new Set(['CONTROL_STEP_UP_REQUIRED']);

export async function openSurroundings(deps: SurroundingsDeps): Promise<Surroundings> {
  const { config, database, identity, clock, random, onFault } = deps;
  const trusted = trustedRanges(config.trustedProxies);
  const countries = readCountries(config.countriesFile);
  const conditions = await openConditions({ db: database, clock, random, onFault });
  const risk = await openRisk({ db: database, clock, random, pepper: deps.pepper, countries, onFault });
  const denials = createDenials({ events: deps.events, clock, random, onFault });
  const addressIn = (person: PersonPrincipal): Address | null => {
    const text = person.via?.address ?? null;
    return text === null ? null : parseAddress(text);
  };

  async function arrive(person: PersonPrincipal): Promise<PersonPrincipal | Refusal> {
    if (conditions.isLost() || risk.isLost())
      return refuse('IDENTITY_FEED_LOST', 'Changes of access can not be heard right now, so nobody is let in; this ends by itself.');
    const { hours } = conditions.of(person.tenant);
    const isOutsideHours = hours !== null && !isInHours(hours, clock.now());
    return { ...person, risk: await risk.observe(person, { address: addressIn(person), isOutsideHours }) };
  }

  return {
    conditions,
    risk,
    denials,
    circumstances: (person, action, takesAway) => {
      const address = addressIn(person);
      return contextOf(conditions.of(person.tenant), {
        action,
        takesAway,
        nowMs: clock.now(),
        address,
        place: risk.placeOf(address),
        isManagedDevice: person.proof.managed ?? null,
        acknowledged: conditions.acknowledgedBy(person.home, person.person),
        risk: risk.levelOf(person),
      });
    },
    ports: {
      addressOf: (socket, forwarded) => clientAddress(socket, forwarded, trusted),
      arrive,
      denied: (person, what) => {
        if (ASKED.has(what.code)) return;
        risk.denied(person);
        denials.add(person, what);
      },
      onChange: identity.onChange,
      stillValid: identity.stillValid,
    },
    async close() {
      denials.stop();
      await risk.close();
      await conditions.close();
    },
  };
}

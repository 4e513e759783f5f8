// How the values of a canary are sealed: under which purpose, and how what was sealed is read.

import { parseOwnJson } from '#core';
import type { PlantedValues } from './invent.ts';

export const purposeOf = (id: string): string => `governance_planted/values/${id}`;

export const openValues = (plaintext: Uint8Array): PlantedValues =>
  parseOwnJson(Buffer.from(plaintext).toString('utf8')) as unknown as PlantedValues;

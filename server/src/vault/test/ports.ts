// The ports of core for the tests of this room: a real source of randomness and tenants to work with.

import { randomBytes } from 'node:crypto';
import { newId, type Random, type TenantId } from '#core';

export const nodeRandom: Random = { bytes: (count) => randomBytes(count) };

export const newTenant = (): TenantId => newId('ten', { now: () => 1_893_456_000_000 }, nodeRandom);

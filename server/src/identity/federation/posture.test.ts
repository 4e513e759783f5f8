import type { IDToken } from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { readClaims } from './claims.ts';

const settings = { scopes: [], groupsClaim: null, groups: {}, externalIdClaim: null, deviceClaim: 'device_trust', secondFactorAcr: [] };
const said = (claim: unknown, of = settings as Parameters<typeof readClaims>[1]) =>
  readClaims({ sub: 'a', ...(claim === undefined ? {} : { device_trust: claim }) } as unknown as IDToken, of, 0).isManaged;

describe('what a company login says of the device', () => {
  it.each([
    [true, true],
    ['true', true],
    ['Compliant', true],
    ['managed', true],
    [false, false],
    ['noncompliant', false],
    ['unmanaged', false],
  ])('%j is %s', (claim, isManaged) => {
    expect(said(claim)).toBe(isManaged);
  });

  it.each([[undefined], [null], [1], ['yes'], [['managed']], [{ managed: true }], ['']])('%j says nothing', (claim) => {
    expect(said(claim)).toBe(undefined);
  });

  it('is not read where the provider has no claim for it', () => {
    const { deviceClaim: _, ...silent } = settings;
    expect([said(true, silent), said(true, { ...silent, deviceClaim: null })]).toEqual([undefined, undefined]);
  });
});

// Wrapped keys and sealed values in any place but their own: every part of the place is changed in turn, and nothing opens.

import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newKey } from '../envelope.ts';
import { masterKeyOf } from '../key-file.ts';
import { nodeRandom } from '../test/ports.ts';
import { epochWrapping, firstTenantKey, openTenantRow, sealTenantKey, unwrapSubjectKey, wrapSubjectKey } from './wrapping.ts';

const seed = 20_260_117;
const name = fc.string({ minLength: 1, maxLength: 24 });
const number = fc.integer({ min: 0, max: 9 });
const row = fc.record({ id: name, subject: name, tenantKey: number, wrapKey: number, epoch: number });
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'opened';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe(`a wrapped key that was moved (seed ${seed})`, () => {
  const [tenantA, tenantB] = [firstTenantKey(newKey(nodeRandom)), firstTenantKey(newKey(nodeRandom))];
  const [epochA, epochB] = [newKey(nodeRandom), newKey(nodeRandom)];

  test('to another tenant, subject, row, version or epoch does not open, nor with either of its two keys alone', () => {
    const place = fc.record({ tenant: name, row });
    fc.assert(
      fc.property(place, place, (here, there) => {
        const key = newKey(nodeRandom);
        const wrapping = epochWrapping(tenantA, epochA);
        const wrapped = wrapSubjectKey(wrapping, here.tenant, here.row, key, nodeRandom);
        expect(unwrapSubjectKey(wrapping, here.tenant, { ...here.row, wrapped }).equals(key)).toBe(true);
        const moved = [
          { tenant: there.tenant, row: here.row },
          ...(['id', 'subject', 'tenantKey', 'wrapKey', 'epoch'] as const).map((part) => ({
            tenant: here.tenant,
            row: { ...here.row, [part]: there.row[part] },
          })),
        ].filter(({ tenant, row: at }) => tenant !== here.tenant || JSON.stringify(at) !== JSON.stringify(here.row));
        for (const { tenant, row: at } of moved)
          expect(codeOf(() => unwrapSubjectKey(wrapping, tenant, { ...at, wrapped }))).toBe('VAULT_SEALED_UNREADABLE');
        for (const other of [epochWrapping(tenantA, epochB), epochWrapping(tenantB, epochA), tenantA.wrapping, epochA])
          expect(codeOf(() => unwrapSubjectKey(other, here.tenant, { ...here.row, wrapped }))).toBe('VAULT_SEALED_UNREADABLE');
      }),
      { seed, numRuns: 200 },
    );
  });

  test('of a tenant does not open for another tenant, version or key file, or with a byte changed', () => {
    const [kek, other] = [masterKeyOf(randomBytes(32)), masterKeyOf(randomBytes(32))];
    const held = { kek: (id: string) => [kek, other].find((one) => one.id === id)?.key ?? null };
    fc.assert(
      fc.property(name, name, number, number, fc.nat(), (tenant, elsewhere, version, another, at) => {
        const wrapped = sealTenantKey(kek, tenant, { ...tenantA, version }, nodeRandom);
        expect(openTenantRow(held, tenant, { version, kek: kek.id, wrapped }).wrapping.equals(tenantA.wrapping)).toBe(true);
        const changed = Buffer.from(wrapped);
        changed[at % changed.byteLength] = (changed[at % changed.byteLength] as number) ^ 1;
        const tries = [
          ...(elsewhere === tenant ? [] : [() => openTenantRow(held, elsewhere, { version, kek: kek.id, wrapped })]),
          ...(another === version ? [] : [() => openTenantRow(held, tenant, { version: another, kek: kek.id, wrapped })]),
          () => openTenantRow(held, tenant, { version, kek: other.id, wrapped }),
          () => openTenantRow(held, tenant, { version, kek: kek.id, wrapped: changed }),
        ];
        for (const attempt of tries) expect(codeOf(attempt)).toBe('VAULT_SEALED_UNREADABLE');
        expect(codeOf(() => openTenantRow({ kek: () => null }, tenant, { version, kek: kek.id, wrapped }))).toBe('VAULT_KEY_FILE_UNUSABLE');
      }),
      { seed, numRuns: 200 },
    );
  });
});

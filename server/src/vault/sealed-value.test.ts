// A sealed value in any place but its own: row, subject, version, key, label and layer are changed in turn, and nothing opens.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newKey } from './envelope.ts';
import { byteOf, isCommitted, KEY_LABELS, labelKey, labelOf, readFormByte } from './labels.ts';
import { headerOf, prefixesOfKey, type SubjectKey, sealLayer, unsealLayer } from './sealed-value.ts';
import { newTenant, nodeRandom } from './test/ports.ts';

const seed = 20_261_123;
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'opened';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};
const keyOf = (change: Partial<SubjectKey['row']> = {}, key = newKey(nodeRandom)): SubjectKey => ({
  row: {
    ...{
      id: Buffer.alloc(16, 7).toString('base64url'),
      subject: 'mark',
      generation: 1,
      tenantKey: 1,
      wrapKey: 1,
      epoch: 1,
      wrapped: Buffer.alloc(0),
    },
    ...change,
  },
  key,
  labelled: new Map(),
});
const label = fc.constantFrom(...KEY_LABELS);

describe(`a sealed value (seed ${seed})`, () => {
  test('opens under its own label and under no other, with the label in it changed or the key of another in its place', () => {
    fc.assert(
      fc.property(label, label, fc.boolean(), fc.uint8Array({ maxLength: 64 }), (own, other, isNested, bytes) => {
        fc.pre(own !== other);
        const [subject, place] = [keyOf(), { tenant: newTenant(), purpose: 'note' }];
        const sealed = sealLayer(subject, { ...place, label: own, isNested, random: nodeRandom }, bytes);
        expect(Buffer.compare(unsealLayer(subject, { ...place, sealed }), bytes)).toBe(0);
        const relabelled = Buffer.from(sealed);
        relabelled[0] = byteOf(other, isNested);
        expect(codeOf(() => unsealLayer(subject, { ...place, sealed: relabelled }))).toBe('VAULT_SEALED_UNREADABLE');
        // Whoever has the key of another label, and puts it where this one is looked for.
        const leaked = { ...subject, labelled: new Map([[own, labelKey(subject.key, other)]]) };
        expect(codeOf(() => unsealLayer(leaked, { ...place, sealed }))).toBe('VAULT_SEALED_UNREADABLE');
      }),
      { seed, numRuns: 100 },
    );
  });

  test('does not open with its tenant, purpose, subject, key, version, layer or form changed', () => {
    const [subject, place] = [keyOf(), { tenant: newTenant(), purpose: 'note' }];
    const sealed = sealLayer(subject, { ...place, label: 'content', isNested: false, random: nodeRandom }, Buffer.from('text'));
    const first = (byte: number): Buffer => Buffer.concat([Buffer.of(byte), sealed.subarray(1)]);
    const tries = [
      () => unsealLayer(subject, { ...place, tenant: newTenant(), sealed }),
      () => unsealLayer(subject, { ...place, purpose: 'other', sealed }),
      () => unsealLayer(keyOf({ subject: 'other' }, subject.key), { ...place, sealed }),
      () => unsealLayer(keyOf({ id: Buffer.alloc(16, 8).toString('base64url') }, subject.key), { ...place, sealed }),
      () => unsealLayer(keyOf({ tenantKey: 2 }, subject.key), { ...place, sealed }),
      () => unsealLayer(keyOf(), { ...place, sealed }),
      () => unsealLayer(subject, { ...place, sealed: first(byteOf('content', true)) }),
      () => unsealLayer(subject, { ...place, sealed: first(1) }),
      () => unsealLayer(subject, { ...place, sealed: first(2) }),
    ];
    for (const attempt of tries) expect(codeOf(attempt)).toBe('VAULT_SEALED_UNREADABLE');
  });

  test('has a first byte for each label and layer, and any other is no value of ours', () => {
    const ours = new Set([1, 2, ...KEY_LABELS.flatMap((one) => [byteOf(one, false), byteOf(one, true)])]);
    expect(ours.size).toBe(12);
    for (let byte = 0; byte < 256; byte += 1) expect(readFormByte(byte) !== null, String(byte)).toBe(ours.has(byte));
    expect(codeOf(() => headerOf(Buffer.concat([Buffer.of(0x2f), Buffer.alloc(60)])))).toBe('VAULT_SEALED_UNREADABLE');
    expect(prefixesOfKey(Buffer.alloc(16, 7).toString('base64url')).map(({ byteLength }) => byteLength)).toEqual([17, 17, 17, 17, 17, 17]);
  });

  test('is of the label of its purpose, and tokens and known values have one of their own', () => {
    const labels = ['credential', 'identity.profile', 'dataset.row', 'approval.call', 'known values of run_x', 'vault_tokens.sealed/tok_x'];
    expect(labels.map(labelOf)).toEqual(['restricted', 'personal_id', 'personal', 'content', 'tokens', 'tokens']);
    expect([isCommitted('event.change'), isCommitted('approval.call')]).toEqual([true, false]);
  });
});

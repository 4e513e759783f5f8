// Policy files as c2sp.org/tlog-policy has them: what is read, what is refused and where, and which sets of witnesses are enough.

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeVerifierKey as logKey, rawPublicKey } from '../signing/note.ts';
import { COSIGNATURE_V1, encodeVerifierKey } from '../witness/signed-note.ts';
import { isPolicyFault, isQuorum, type PolicyFault, parseWitnessPolicy, type WitnessPolicy } from './policy.ts';

const raw = (): Buffer => rawPublicKey(generateKeyPairSync('ed25519').privateKey);
const witnessKey = (name: string, key = raw()): string => encodeVerifierKey(name, COSIGNATURE_V1, key);
const keys = new Map<string, string>();
const keyOf = (name: string): string => {
  const known = keys.get(name) ?? witnessKey(`${name}.example.com`);
  keys.set(name, known);
  return known;
};

const parse = (text: string | Buffer): WitnessPolicy | PolicyFault => parseWitnessPolicy(Buffer.from(text));
function good(text: string | Buffer): WitnessPolicy {
  const policy = parse(text);
  if (isPolicyFault(policy)) throw new Error(`line ${policy.line}: ${policy.message}`);
  return policy;
}

const LOG = logKey('log.example.com/shop', raw());
const W = (...names: string[]): string =>
  names.map((name) => `witness ${name} ${keyOf(name)} https://${name.toLowerCase()}.example.com\n`).join('');

describe('a witness policy', () => {
  it('reads the example of the specification: two of three, and one of three others', () => {
    const policy = good(
      `log ${LOG}\n\n${W('X1', 'X2', 'X3')}group X-witnesses 2 X1 X2 X3\n\n${W('Y1', 'Y2', 'Y3')}` +
        'group Y-witnesses any Y1 Y2 Y3\n\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n',
    );
    expect(policy.logs.map((log) => log.name)).toEqual(['log.example.com/shop']);
    expect(policy.witnesses.map((one) => one.url)).toContain('https://x1.example.com');
    const enough = (...names: string[]): boolean => isQuorum(policy, new Set(names));
    expect(enough('X1', 'X2', 'Y3')).toBe(true);
    expect(enough('X1', 'X2', 'X3', 'Y1', 'Y2')).toBe(true);
    expect(enough('X1', 'X2', 'X3')).toBe(false);
    expect(enough('X1', 'Y1', 'Y2', 'Y3')).toBe(false);
    expect(enough()).toBe(false);
  });

  it('takes a single witness, k of n by number, and nobody at all', () => {
    expect(isQuorum(good(`${W('A')}quorum A`), new Set(['A']))).toBe(true);
    const three = good(`${W('A', 'B', 'C')}group g 2 A B C\nquorum g\n`);
    for (const [names, is] of [
      [['A', 'C'], true],
      [['B'], false],
      [['A', 'B', 'C'], true],
    ] as const)
      expect(isQuorum(three, new Set(names))).toBe(is);
    expect(isQuorum(good('quorum none\n'), new Set())).toBe(true);
  });

  it('passes over comments, empty lines, tabs and spaces around words, and compares names octet by octet', () => {
    const text = ` \t# \u00fcber uns\n\n\twitness\t K  ${keyOf('A')}\t \n  witness \u212a ${keyOf('B')}\ngroup g all K \u212a\n quorum g  `;
    const policy = good(text);
    expect(policy.witnesses.map((one) => one.name)).toEqual(['K', '\u212a']);
    expect(policy.witnesses[0]?.url).toBeNull();
    expect(isQuorum(policy, new Set(['K']))).toBe(false);
    const octets = Buffer.concat([
      Buffer.from('witness '),
      Buffer.from([0xff]),
      Buffer.from(` ${keyOf('C')}\nquorum `),
      Buffer.from([0xff]),
    ]);
    expect(isQuorum(good(octets), new Set(['\u00ff']))).toBe(true);
  });

  it('refuses everything else, and says in which line', () => {
    const same = raw();
    const bad: readonly (readonly [string, number])[] = [
      ['', 1],
      [W('A'), 2],
      ['quorum A\n', 1],
      [`quorum A\n${W('A')}`, 1],
      [`${W('A')}quorum A\nquorum A\n`, 3],
      [`${W('A')}quorum A A\n`, 2],
      [`${W('A', 'B')}group g 3 A B\nquorum g\n`, 3],
      [`${W('A', 'B')}group g 0 A B\nquorum g\n`, 3],
      [`${W('A', 'B')}group g 02 A B\nquorum g\n`, 3],
      [`${W('A', 'B')}group g two A B\nquorum g\n`, 3],
      [`${W('A')}group g all\nquorum g\n`, 2],
      [`${W('A')}group g all A A\nquorum g\n`, 2],
      [`${W('A', 'B')}group g any A B\ngroup h any A\nquorum h\n`, 4],
      [`${W('A')}group g all A B\n${W('B')}quorum g\n`, 2],
      [`${W('A')}group g any A none\nquorum g\n`, 2],
      [`${W('A')}group A any A\nquorum A\n`, 2],
      [`${W('A')}group none any A\nquorum A\n`, 2],
      [`witness none ${keyOf('A')}\nquorum none\n`, 1],
      [`witness A ${witnessKey('a', same)}\nwitness B ${witnessKey('b', same)}\nquorum A\n`, 2],
      [`witness A ${LOG}\nquorum A\n`, 1],
      [`log ${keyOf('A')}\nquorum none\n`, 1],
      [`log ${LOG}\nlog ${LOG}\nquorum none\n`, 2],
      [`witness A ${keyOf('A').slice(0, -4)}AAA=\nquorum A\n`, 1],
      [`witness A ${keyOf('A')} ftp://example.com\nquorum A\n`, 1],
      [`witness A ${keyOf('A')} https://example.com more\nquorum A\n`, 1],
      [`witness A\u0001 ${keyOf('A')}\nquorum none\n`, 1],
      [`${W('A')}quorum A\r\n`, 2],
      ['observer A\nquorum none\n', 1],
    ];
    for (const [text, line] of bad) expect(parse(text), JSON.stringify(text)).toMatchObject({ line });
  });
});

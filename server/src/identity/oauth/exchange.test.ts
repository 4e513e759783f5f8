// A token that is exchanged never becomes more: 100,000 chains of exchanges with what anybody could ask for.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AccessTokenId,
  carriesOperation,
  coversScope,
  narrowScope,
  type PersonId,
  type RunId,
  scopeOf,
  type TenantId,
  type TokenScope,
  type WorkloadId,
} from '#core';
import { type AccessClaims, chainOf, MAX_ACT_DEPTH, MAX_TOKEN_LIFETIME_S } from './claims.ts';
import { type ExchangeInput, exchanged } from './exchange.ts';
import { isOAuthFault } from './fault.ts';

const SEED = 20_261_123;
const ORIGIN = 'http://127.0.0.1:4800';
const INTEGRATIONS = ['shop', 'mail', 'model', 'books'];
const OPERATIONS = ['read', 'refund', 'send', 'gpt:5'];
const tenant = 'ten_018cc251-f400-7000-8000-000000000001' as TenantId;
const id = <T extends string>(prefix: string, n: number): T => `${prefix}_018cc251-f400-7000-8000-${String(n).padStart(12, '0')}` as T;

const entry = fc.oneof(
  fc.constantFrom(...INTEGRATIONS),
  fc.tuple(fc.constantFrom(...INTEGRATIONS), fc.constantFrom(...OPERATIONS)).map(([one, other]) => `${one}:${other}`),
);
const scope = fc.array(entry, { minLength: 1, maxLength: 6 }).map((entries) => scopeOf(entries) as TokenScope);
const path = fc.constantFrom('', '', '', '', '/v1', '/connect/shop', '/mcp/shop', '/connect/mail');

const resourceOf = (at: string) => ({ audience: `${ORIGIN}${at}`, integration: /^\/(?:connect|mcp)\/(\w+)$/.exec(at)?.[1] ?? null });

const claims = fc
  .record({
    scope,
    path,
    life: fc.integer({ min: 1, max: MAX_TOKEN_LIFETIME_S }),
    jkt: fc.constantFrom(null, null, null, 'k1', 'k2'),
    n: fc.integer({ min: 1, max: 99 }),
  })
  .map(
    ({ scope: held, path: at, life, jkt, n }): AccessClaims => ({
      iss: 'http://localhost:4810',
      aud: `${ORIGIN}${at}`,
      sub: id<WorkloadId>('wkl', n),
      tenant: n === 99 ? id<TenantId>('ten', 2) : tenant,
      client_id: `client-${n}`,
      scope: held,
      iat: 1_000,
      exp: 1_000 + life,
      jti: id<AccessTokenId>('tok', n),
      sid: `oac-${n}`,
      also: [],
      anc: [],
      person: n % 3 === 0 ? id<PersonId>('per', n) : null,
      wf: null,
      wfv: null,
      run: null,
      step: null,
      act: null,
      jkt,
    }),
  );

type Asked = Omit<ExchangeInput, 'subject'>;
const asked: fc.Arbitrary<Asked> = fc.record({
  actor: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: claims }),
  resource: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: path.map(resourceOf) }),
  scope: fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: scope }),
  run: fc.option(
    fc.integer({ min: 1, max: 3 }).map((n) => id<RunId>('run', n)),
    { nil: null },
  ),
  step: fc.option(fc.constantFrom('one', 'two'), { nil: null }),
  jkt: fc.constantFrom(null, null, null, 'k1', 'k2'),
});

/** Everything anybody could try to call, one by one: said without the functions under test. */
const CALLS = INTEGRATIONS.flatMap((integration) => [...OPERATIONS, 'never-named'].map((operation) => [integration, operation] as const));
const may = (held: TokenScope, [integration, operation]: readonly [string, string]): boolean =>
  held.some((one) => one === integration || one === `${integration}:${operation}`);

describe('an exchanged token', () => {
  test('never reaches, lives or hides more than what it was made of, over 100,000 exchanges', () => {
    let made = 0;
    let seen = 0;
    fc.assert(
      fc.property(claims, fc.array(asked, { minLength: 4, maxLength: 4 }), (first, steps) => {
        let subject = first;
        for (const [n, step] of steps.entries()) {
          seen += 1;
          const token = exchanged({ ...step, subject });
          if (isOAuthFault(token)) continue;
          made += 1;
          const { actor } = step;
          if (token.tenant !== subject.tenant || (actor !== null && actor.tenant !== subject.tenant)) throw new Error('another tenant');
          for (const call of CALLS) {
            const isMore = may(token.scope, call) && !(may(subject.scope, call) && (actor === null || may(actor.scope, call)));
            if (isMore) throw new Error(`more: ${call.join(':')}`);
          }
          const notAfter = token.notAfter ?? Number.POSITIVE_INFINITY;
          if (notAfter > subject.exp || (actor !== null && notAfter > actor.exp)) throw new Error('longer');
          if (!(token.aud === subject.aud || token.aud.startsWith(`${subject.aud}/`))) throw new Error('elsewhere');
          if (actor !== null && !(token.aud === actor.aud || token.aud.startsWith(`${actor.aud}/`))) throw new Error('not for the actor');
          if (subject.jkt !== null && token.jkt !== subject.jkt) throw new Error('another key');
          if (subject.run !== null && token.run !== subject.run) throw new Error('another run');
          if (subject.person !== null && token.person !== subject.person) throw new Error('another person');
          if (!token.anc.includes(subject.jti)) throw new Error('not revoked with its parent');
          const before = chainOf(subject.act);
          const after = chainOf(token.act);
          if (after.length > MAX_ACT_DEPTH || after.length < before.length) throw new Error('chain');
          if (before.some((one, at) => after[after.length - before.length + at] !== one)) throw new Error('rewritten');
          subject = { ...token, iat: 1_000, exp: Math.min(notAfter, 1_300), jti: id<AccessTokenId>('tok', 1_000 + n) };
        }
      }),
      { numRuns: 25_000, seed: SEED },
    );
    expect(seen).toBe(100_000);
    // Most of what is asked at random is refused; enough is not.
    expect(made).toBeGreaterThan(10_000);
  });

  const subject = {
    scope: ['shop'],
    aud: ORIGIN,
    act: null,
    person: id<PersonId>('per', 3),
    tenant,
    exp: 1_300,
    iat: 1_000,
    run: null,
    step: null,
  };
  const base = {
    iss: '',
    sub: id<WorkloadId>('wkl', 1),
    client_id: 'c',
    jti: id<AccessTokenId>('tok', 1),
    sid: 's',
    also: [],
    anc: [],
    wf: null,
    wfv: null,
    jkt: null,
  };
  const ask = { actor: null, resource: null, scope: null, run: null, step: null, jkt: null };

  test('says who acts for whom, the nearest first', () => {
    const actor = { ...base, ...subject, person: null, sub: id<WorkloadId>('wkl', 2), jti: id<AccessTokenId>('tok', 2), sid: 's2' };
    const token = exchanged({ ...ask, subject: { ...base, ...subject }, actor, run: id<RunId>('run', 1), step: 'answer' });
    if (isOAuthFault(token)) throw new Error(token.description);
    expect(chainOf(token.act)).toEqual(['step:answer', id('run', 1), actor.sub, subject.person]);
    expect(token).toMatchObject({ sub: actor.sub, sid: 's2', also: ['s'], person: subject.person });
  });

  test('is refused when the chain of actors grows without end', () => {
    let token: AccessClaims = { ...base, ...subject };
    const faults: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      const next = exchanged({ ...ask, subject: token });
      if (isOAuthFault(next)) faults.push(next.error);
      else token = { ...next, iat: 1_000, exp: 1_300, jti: id<AccessTokenId>('tok', 10 + n) };
    }
    expect(faults[0]).toBe('invalid_request');
  });
});

describe('a scope', () => {
  test('narrows to what both have, whatever is asked', () => {
    fc.assert(
      fc.property(scope, scope, (parent, wanted) => {
        const left = narrowScope(parent, wanted);
        expect(coversScope(parent, left)).toBe(true);
        for (const [integration, operation] of CALLS) {
          const inBoth = may(parent, [integration, operation]) && may(wanted, [integration, operation]);
          expect(carriesOperation(left, integration, operation)).toBe(inBoth);
        }
      }),
      { numRuns: 5_000, seed: SEED },
    );
  });

  test.each([['Shop'], ['shop:'], ['shop:a b"'], ['*'], ['shop/*'], ['']])('is not %j', (text) => {
    expect(scopeOf([text])).toBeNull();
  });
});

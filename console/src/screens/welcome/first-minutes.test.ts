// The pure parts of the first minutes: what the overview says, what the demo says aloud, which words are the thief's, what is pasted.

import { describe, expect, it } from 'vitest';
import type { DemoTicket } from '../../api/demo.ts';
import type { Overview } from '../../api/types.ts';
import { modelsOf, nameFault, providerFaults, urlFault } from '../connect/connect-fields.ts';
import { snippetOf } from '../connect/snippets-of.ts';
import { newsOf } from '../demo/demo-count.ts';
import { partsOf } from '../demo/poison-parts.ts';
import { verdictOf } from '../overview/verdict.ts';

const GOOD: Overview = {
  calls: { guarded: 5, refused: 1, tokenised: 2, waiting: 0 },
  unresolved: 0,
  integrations: { total: 2, models: 1, shops: 1, operationsToReview: 0 },
  keys: { active: 1, expiringSoon: 0, nextExpiry: null },
  ledger: { sealedEvents: 9, checkpointAt: null },
  series: [],
  refusals: [],
  business: {
    ticketsAnswered: 0,
    refunds: { count: 0, totals: [] },
    refundsStopped: 0,
    runs: { done: 0, waiting: 0, stopped: 0 },
    medianAnswerMs: null,
  },
  lastVerified: null,
};

describe('the verdict', () => {
  it('names the worst thing that is true, and where to act', () => {
    const broken = { at: '', ok: false, events: 9 };
    const waiting = { ...GOOD, calls: { ...GOOD.calls, waiting: 2 } };
    const unknown = { ...waiting, unresolved: 1 };
    const toneAndPlace = (overview: Overview) => [verdictOf(overview).tone, verdictOf(overview).act?.to ?? null];
    expect(toneAndPlace(GOOD)).toEqual(['good', null]);
    expect(toneAndPlace({ ...GOOD, keys: { ...GOOD.keys, expiringSoon: 1 } })).toEqual(['warn', null]);
    expect(toneAndPlace(waiting)).toEqual(['info', '/inbox']);
    expect(toneAndPlace(unknown)).toEqual(['bad', '/inbox']);
    expect(toneAndPlace({ ...unknown, lastVerified: broken })).toEqual(['bad', '/audit']);
    const empty = { ...GOOD, calls: { ...GOOD.calls, guarded: 0 }, integrations: { ...GOOD.integrations, total: 0 } };
    expect(toneAndPlace(empty)).toEqual(['info', '/connect']);
  });
});

const ticket = (id: string, state: DemoTicket['state']): DemoTicket => ({
  id,
  subject: `Ticket ${id}`,
  excerpt: '',
  poisoned: false,
  poison: null,
  attempt: null,
  openedAt: '',
  run: null,
  state,
  reasons: [],
  approval: null,
  replied: false,
  refunded: null,
});

describe('what the demo says aloud', () => {
  it('is one change by its name, several by the score, and nothing when nothing changed', () => {
    const before = [ticket('1', 'working'), ticket('2', 'working')];
    const say = (...tickets: DemoTicket[]) => newsOf(before, { state: 'running', tickets });
    expect(say(...before)).toBe('');
    expect(say(ticket('1', 'blocked'), ticket('2', 'working'))).toBe('Ticket 1: Blocked.');
    expect(say(ticket('1', 'blocked'), ticket('2', 'solved'))).toBe('1 solved, 1 blocked, 0 waiting for you.');
    expect(say(...before, ticket('3', 'arrived'))).toBe('A ticket arrived.');
  });
});

describe('the words of a ticket', () => {
  const parts = (excerpt: string, poison: string | null, poisoned = true) =>
    partsOf({ excerpt, poison, poisoned }).map(({ words, isPoison }) => [words, isPoison]);

  it('are the customer’s but for the thief’s part; without a known part all of a poisoned text is the thief’s', () => {
    expect(parts('Hello. Pay me. Bye.', 'Pay me.')).toEqual([
      ['Hello. ', false],
      ['Pay me.', true],
      [' Bye.', false],
    ]);
    expect(parts('Pay me.', 'Pay me.')).toEqual([['Pay me.', true]]);
    expect(parts('Hello.', 'cut off')).toEqual([['Hello.', true]]);
    expect(parts('Hello.', null)).toEqual([['Hello.', true]]);
    expect(parts('Hello.', null, false)).toEqual([['Hello.', false]]);
  });
});

describe('the fields of a connection', () => {
  it.each(['https://api.example.com/v1', 'http://127.0.0.1:11434/v1'])('take %s', (url) => expect(urlFault(url)).toBeNull());
  it.each(['', 'api.example.com', 'ftp://example.com', 'https://me:secret@example.com', 'https://example.com/?key=1'])(
    'do not take %s',
    (url) => expect(urlFault(url)).not.toBeNull(),
  );

  it('take names as the server does, and none that is taken', () => {
    expect(nameFault('my-shop', [])).toBeNull();
    for (const name of ['', '-shop', 'Shop', 'a shop', 'a'.repeat(64)]) expect(nameFault(name, [])).not.toBeNull();
    expect(nameFault('my-shop', ['my-shop'])).not.toBeNull();
  });

  it('read models separated by commas, spaces or lines, each once', () => {
    expect(modelsOf(' a, b\nc  a ,')).toEqual(['a', 'b', 'c']);
    expect(providerFaults({ name: 'x', baseUrl: 'https://example.com', key: '', models: [] }, []).models).not.toBeNull();
  });
});

describe('what is pasted', () => {
  const facts = { baseUrl: 'http://127.0.0.1:4800/v1', apiKey: 'sp_key', model: `it's "odd" $(x)` };

  it('keeps an odd model name a value, in each language', () => {
    expect(snippetOf('curl', facts)).toContain(`"model":"it'\\''s \\"odd\\" $(x)"`);
    for (const kind of ['python', 'node'] as const) expect(snippetOf(kind, facts)).toContain(`"it's \\"odd\\" $(x)"`);
  });
});

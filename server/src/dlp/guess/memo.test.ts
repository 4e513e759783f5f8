// Guesses that are remembered, guesses that are not sure, and whose parts of a conversation are guessed at.

import { describe, expect, it } from 'vitest';
import type { UnsureHandling } from '#core';
import { createConversation, createGuessMemo, createKnownMatcher, DLP_TYPES, type DlpType, detect, type Guessing, SURE } from '../index.ts';
import { mergeHits } from '../merge-hits.ts';
import { lists } from '../test/lists.ts';

const plain: Guessing = { lists, language: 'en', catalogue: null };
const all = (unsure: UnsureHandling): Readonly<Record<DlpType, UnsureHandling>> =>
  Object.fromEntries(DLP_TYPES.map((type) => [type, unsure])) as Record<DlpType, UnsureHandling>;
const SURELY = 'My name is Ruth Petrossian.';
const PERHAPS = 'Petrossian bought the blue one.';

describe('remembered guesses', () => {
  it('are the same as fresh ones, also beside values known since', () => {
    const memo = createGuessMemo();
    const remembering = { ...plain, memo: { memo, scope: 'one' } };
    const texts = [SURELY, PERHAPS, 'Ship to Ruth Petrossian, 47 Bramley Close, Ipswich IP3 9TN'];
    for (const text of [...texts, ...texts]) expect(detect(text, { guessing: remembering })).toEqual(detect(text, { guessing: plain }));
    const known = createKnownMatcher([{ type: 'PERSON', value: 'Ruth', subject: null }]);
    for (const text of texts) expect(detect(text, { guessing: remembering, known })).toEqual(detect(text, { guessing: plain, known }));
  });

  it('are found by whoever sent the text and by nobody else', () => {
    const memo = createGuessMemo();
    memo.set('one', 'text', []);
    expect([memo.get('one', 'text'), memo.get('two', 'text'), memo.get('onet', 'ext')]).toEqual([[], undefined, undefined]);
  });

  it('take no more room than they may; the oldest go first, and a long text is not kept', () => {
    const memo = createGuessMemo(1_000);
    memo.set('', 'a'.repeat(300), []);
    memo.set('', 'b'.repeat(300), []);
    expect(memo.get('', 'a'.repeat(300))).toBeUndefined();
    expect(memo.get('', 'b'.repeat(300))).toEqual([]);
    memo.set('', 'c'.repeat(40_000), []);
    expect([memo.get('', 'c'.repeat(40_000)), memo.get('', 'b'.repeat(300))]).toEqual([undefined, []]);
  });
});

describe('guesses that are not sure', () => {
  it('go as their class says; sure ones are found whatever it says', () => {
    expect(detect(PERHAPS, { guessing: plain })[0]?.confidence).toBeLessThan(SURE);
    expect(detect(SURELY, { guessing: plain })[0]?.confidence).toBeGreaterThanOrEqual(SURE);
    for (const [unsure, found] of [
      ['leave', 0],
      ['mask', 1],
      ['ask', 1],
      ['refuse', 1],
    ] as const) {
      expect([unsure, detect(PERHAPS, { guessing: { ...plain, unsure: all(unsure) } }).length]).toEqual([unsure, found]);
      expect(detect(SURELY, { guessing: { ...plain, unsure: all(unsure) } })).toHaveLength(1);
    }
  });

  it('joined with a certain find they are in no doubt any more', () => {
    const hit = { type: 'PERSON' as const, known: false, personal: true, plain: null, entry: null };
    const guess = { ...hit, start: 0, end: 15, confidence: 0.6, doubt: 'refuse' as const };
    expect(mergeHits([guess, { ...hit, start: 5, end: 15, confidence: 1, known: true }])[0]).not.toHaveProperty('doubt');
    expect(mergeHits([guess, { ...guess, start: 5 }])[0]).toMatchObject({ start: 0, end: 15, doubt: 'refuse' });
  });

  it('are told apart by a conversation, and a value that is known is in no doubt', () => {
    const doubted = (text: string, unsure: UnsureHandling, known: readonly string[] = []): unknown => {
      const conversation = createConversation({
        known: known.map((value) => ({ type: 'PERSON' as const, value, subject: null })),
        guessing: { ...plain, unsure: all(unsure) },
      });
      conversation.render(text, { format: 'text', role: 'user' });
      return conversation.doubted;
    };
    expect(doubted(PERHAPS, 'refuse')).toEqual({ ask: {}, refuse: { PERSON: 1 } });
    expect(doubted(PERHAPS, 'ask')).toEqual({ ask: { PERSON: 1 }, refuse: {} });
    expect(doubted(PERHAPS, 'refuse', ['Petrossian'])).toEqual({ ask: {}, refuse: {} });
    expect(doubted(SURELY, 'refuse')).toEqual({ ask: {}, refuse: {} });
  });
});

it('only what people and shops wrote is guessed at; known values are masked everywhere', () => {
  const conversation = createConversation({ known: [{ type: 'PERSON', value: 'Bogdan Ionescu', subject: null }], guessing: plain });
  for (const role of ['system', 'tool_schema'] as const) {
    expect(conversation.render(SURELY, { format: 'text', role })).toBe(SURELY);
    expect(conversation.render('For Bogdan Ionescu', { format: 'text', role })).toBe('For <PERSON_1>');
  }
  for (const role of ['user', 'assistant', 'tool_result', 'other'] as const)
    expect(conversation.render(SURELY, { format: 'text', role })).toBe('My name is <PERSON_2>.');
});

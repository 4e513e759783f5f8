// Whether values come back right however a reply is cut, a million times and in every place, and apart in 10,000 conversations at once;
// and what restoring adds to the first words of a stream.

import type { Destination } from '../../server/src/dlp/index.ts';
import { openaiProtocol } from '../../server/src/gateway/index.ts';
import { runApart } from '../../testkit/restore/apart.ts';
import { conversationOfTen } from '../../testkit/restore/documents.ts';
import { MAX_PLACEHOLDER, runTrials, WAYS, type Way } from '../../testkit/restore/trials.ts';
import type { BenchOptions } from './gateway.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import { atLeast, atMost, type BenchReport, figure, median, type Result } from './report.ts';

const SEED = 0x5a11_2026;
const CONVERSATIONS = 10_000;
const COUNTS: Readonly<Record<Way, { readonly random: number; readonly roundsADocument: number }>> = {
  utf16: { random: 550_000, roundsADocument: 40 },
  bytes: { random: 350_000, roundsADocument: 40 },
  sse: { random: 60_000, roundsADocument: 500 },
  arguments: { random: 40_000, roundsADocument: 500 },
};
const ALL: Destination = { types: 'all', escape: 'none', inLinks: false };
const FIRST_WORDS = 20_000;

export async function benchRestore(options: BenchOptions): Promise<BenchReport> {
  const results: Result[] = [];
  let random = 0;
  for (const [index, way] of WAYS.entries()) {
    options.progress(`cut by ${way}`);
    const trials = runTrials(way, SEED + index, COUNTS[way]);
    random += trials.random;
    if (trials.first !== null) options.progress(`differs: ${JSON.stringify(trials.first)}`);
    results.push(
      figure(`${way}: cuts in two, every place`, trials.every, 'cuts'),
      figure(`${way}: random cuts into many`, trials.random, 'cuts'),
      figure(`${way}: mismatches with the whole text`, trials.mismatches, 'texts', atMost(0)),
      figure(`${way}: longest hold-back`, trials.heldMost, 'units', atMost(MAX_PLACEHOLDER)),
    );
  }
  results.push(figure('random cuts, all ways', random, 'cuts', atLeast(1_000_000)));
  options.progress(`${CONVERSATIONS} conversations at once`);
  const { restored, wrong } = runApart(CONVERSATIONS, SEED);
  results.push(
    figure('conversations at once: values that came back', restored, 'values', atLeast(4 * CONVERSATIONS)),
    figure('conversations at once: replies with another’s value or without its own', wrong, 'replies', atMost(0)),
  );
  options.progress('first words');
  const added = firstWords();
  results.push(figure('first words of a stream: added by restoring, median', added, 'ms', atMost(5)));
  return {
    name: 'restore',
    machine: describeMachine(),
    versions: { node: nodeVersion() },
    rounds: 1,
    results,
    notes: [`seed ${SEED}; one reply has 1 to 10 pieces of placeholders in every tolerated form, invented ones, links and escapes`],
  };
}

/** Time from the first event of a stream to its words, with values to restore less the same without. */
function firstWords(): number {
  const conversation = conversationOfTen();
  const first = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"Dear "},"finish_reason":null}]}\n\n`);
  const once = (openText: () => { push(text: string): string; end(): string }): number => {
    const from = performance.now();
    const stream = openaiProtocol.openStream({ openText, toolCalls: (calls) => calls, usage: () => {} });
    stream.push(first);
    return performance.now() - from;
  };
  const plain: number[] = [];
  const restoring: number[] = [];
  for (let round = 0; round < FIRST_WORDS; round += 1) {
    plain.push(once(() => ({ push: (text) => text, end: () => '' })));
    restoring.push(once(() => conversation.restoreStream(ALL)));
  }
  return (median(restoring) ?? Number.NaN) - (median(plain) ?? Number.NaN);
}

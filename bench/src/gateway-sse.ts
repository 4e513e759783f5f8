// Model calls that are answered as a stream of 20 events: CPU a stream is what counts, since the upstream's core is full first.

import { cleanBody, dirtyBody } from './bodies.ts';
import { checkReply } from './check-reply.ts';
import type { BenchOptions } from './gateway.ts';
import { describeMachine } from './machine.ts';
import { type Book, createBook, measure, rotated } from './measure.ts';
import { atMost, type BenchReport, figure, type Result, ratio } from './report.ts';
import { openStage } from './stage.ts';

const CONNECTIONS = 16;

export async function benchGatewaySse(options: BenchOptions): Promise<BenchReport> {
  const stage = await openStage();
  try {
    const book = createBook();
    const subjects = [stage.direct, ...stage.peers, ...(stage.sallyport === null ? [] : [stage.sallyport])];
    const plan = { body: cleanBody(true), seconds: options.seconds };
    for (const subject of subjects) {
      await checkReply(subject, cleanBody(true));
      await measure(stage.generator, subject, { ...plan, connections: CONNECTIONS, seconds: 1 });
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const subject of rotated(subjects, round)) {
        options.progress(`round ${round + 1} of ${options.rounds}: ${subject.name}`);
        book.add(`${subject.name}.stream`, await measure(stage.generator, subject, { ...plan, connections: CONNECTIONS }));
        book.add(`${subject.name}.single`, await measure(stage.generator, subject, { ...plan, connections: 1 }));
      }
      if (stage.sallyport !== null) {
        const dirty = { ...plan, body: dirtyBody(true), connections: CONNECTIONS };
        book.add('sallyport.dirty', await measure(stage.generator, stage.sallyport, dirty));
      }
    }
    for (const subject of subjects) await checkReply(subject, cleanBody(true));
    return {
      name: 'gateway-sse',
      machine: describeMachine(),
      versions: stage.versions,
      rounds: options.rounds,
      results: [...figures(book), ...sseGates(book)],
      notes: stage.notes,
    };
  } finally {
    await stage.close();
  }
}

function figures(book: Book): readonly Result[] {
  return book.names.flatMap((name) => [
    figure(`${name}.streams`, book.median(name, 'rps'), '1/s'),
    figure(`${name}.p50`, book.median(name, 'p50Us'), 'us'),
    ...(book.median(name, 'cpuUsPerRequest') === null ? [] : [figure(`${name}.cpu`, book.median(name, 'cpuUsPerRequest'), 'us/stream')]),
    figure(`${name}.failed`, book.failed(name), 'streams', atMost(0)),
  ]);
}

export function sseGates(book: Book): readonly Result[] {
  const cpu = (name: string): number | null => book.median(`${name}.stream`, 'cpuUsPerRequest');
  return [
    figure('cpu a stream over nginx', ratio(cpu('sallyport'), cpu('nginx')), 'x', atMost(1.5)),
    figure('cpu a stream over a bare undici proxy', ratio(cpu('sallyport'), cpu('undici')), 'x'),
  ];
}

// Model calls that are answered whole, and effect calls: Sallyport with every guard on beside plain proxies and a gateway without guards.

import { writeBindings } from './bindings.ts';
import { cleanBody, dirtyBody, EFFECT_BODY, EFFECT_PATH } from './bodies.ts';
import { checkReply } from './check-reply.ts';
import { describeMachine } from './machine.ts';
import { type Book, createBook, measure, rotated } from './measure.ts';
import { atLeast, atMost, type BenchReport, difference, figure, type Result, ratio } from './report.ts';
import { openStage, type Stage } from './stage.ts';

const BUSY = 64;
const EFFECT_CONNECTIONS = 16;
/** Far more signed origins than one effect run can use up. */
const EFFECTS_PER_SECOND = 6_000;

export interface BenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Told what is going on, for people who wait. */
  readonly progress: (line: string) => void;
}

export async function benchGateway(options: BenchOptions): Promise<BenchReport> {
  const stage = await openStage();
  try {
    const book = createBook();
    const subjects = [stage.direct, ...stage.peers, ...(stage.sallyport === null ? [] : [stage.sallyport])];
    for (const subject of subjects) {
      await checkReply(subject, cleanBody(false));
      await measure(stage.generator, subject, { body: cleanBody(false), connections: BUSY, seconds: 1 });
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const subject of rotated(subjects, round)) {
        options.progress(`round ${round + 1} of ${options.rounds}: ${subject.name}`);
        const body = cleanBody(false);
        book.add(`${subject.name}.busy`, await measure(stage.generator, subject, { body, connections: BUSY, seconds: options.seconds }));
        book.add(`${subject.name}.single`, await measure(stage.generator, subject, { body, connections: 1, seconds: options.seconds }));
      }
      await measureOwn(stage, book, options);
    }
    for (const subject of subjects) await checkReply(subject, cleanBody(false));
    const results = [...figures(book), ...gates(book)];
    return {
      name: 'gateway',
      machine: describeMachine(),
      versions: stage.versions,
      rounds: options.rounds,
      results,
      notes: stage.notes,
    };
  } finally {
    await stage.close();
  }
}

/** What only Sallyport is asked: bodies with personal data in them, and effects that are committed before they are sent. */
async function measureOwn(stage: Stage, book: Book, { seconds, progress }: BenchOptions): Promise<void> {
  const { sallyport, generator, folder } = stage;
  if (sallyport === null) return;
  progress('sallyport: dirty bodies and effects');
  book.add('sallyport.dirty', await measure(generator, sallyport, { body: dirtyBody(false), connections: BUSY, seconds }));
  const file = writeBindings(sallyport.started, EFFECTS_PER_SECOND * seconds, folder);
  const effects = {
    url: `${sallyport.started.gatewayUrl}/connect/demo-shop${EFFECT_PATH}`,
    body: EFFECT_BODY,
    connections: EFFECT_CONNECTIONS,
    seconds,
    bindings: { file, offset: 0 },
  };
  book.add('sallyport.effect', await measure(generator, sallyport, effects));
}

function figures(book: Book): readonly Result[] {
  return book.names.flatMap((name) => [
    figure(`${name}.rps`, book.median(name, 'rps'), '1/s'),
    figure(`${name}.p50`, book.median(name, 'p50Us'), 'us'),
    figure(`${name}.p99`, book.median(name, 'p99Us'), 'us'),
    ...(book.median(name, 'cpuUsPerRequest') === null ? [] : [figure(`${name}.cpu`, book.median(name, 'cpuUsPerRequest'), 'us/request')]),
    figure(`${name}.failed`, book.failed(name), 'requests', atMost(0)),
  ]);
}

/** The gates of the gateway. A figure that is missing fails its gate. */
export function gates(book: Book): readonly Result[] {
  const rps = (name: string): number | null => book.median(`${name}.busy`, 'rps');
  const cpu = (name: string): number | null => book.median(`${name}.busy`, 'cpuUsPerRequest');
  const single = (name: string): number | null => book.median(`${name}.single`, 'p50Us');
  return [
    figure('rps over portkey without guards', ratio(rps('sallyport'), rps('portkey')), 'x', atLeast(6)),
    figure('rps over nginx', ratio(rps('sallyport'), rps('nginx')), 'x', atLeast(0.28)),
    figure('cpu over nginx', ratio(cpu('sallyport'), cpu('nginx')), 'x', atMost(5.5)),
    figure('guards over a bare undici proxy', difference(cpu('sallyport'), cpu('undici')), 'us/request', atMost(90)),
    figure('added p50 at one connection', difference(single('sallyport'), single('direct')), 'us', atMost(700)),
  ];
}

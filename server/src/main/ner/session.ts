// The ONNX runtime, loaded only where an operator asked for a model: WebAssembly on one thread, no network, no native code.
// INVARIANT: a model is tried once before it is used, so that one of other shapes or another vocabulary is told at the start.

import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { SallyportError } from '#core';
import type { RunModel, Tokenizer } from '#dlp';

type Runtime = typeof import('onnxruntime-web');

async function loadRuntime(): Promise<Runtime> {
  let runtime: Runtime;
  try {
    runtime = await import('onnxruntime-web');
  } catch (cause) {
    throw new SallyportError(
      'MAIN_NER_RUNTIME',
      'A model of names is set, and the package that runs it is not installed; in the folder of the product: npm install --no-save onnxruntime-web@1.30.0',
      { cause },
    );
  }
  runtime.env.wasm.numThreads = 1;
  runtime.env.logLevel = 'fatal';
  return runtime;
}

const TAKES = ['input_ids', 'attention_mask', 'token_type_ids'] as const;

interface Asked {
  readonly path: string;
  readonly tokenizer: Tokenizer;
  /** How many. */
  readonly labels: number;
}

const unusable = (path: string, why: string, cause?: unknown): SallyportError =>
  new SallyportError('MAIN_NER_MODEL', `The model of names: ${path} ${why}`, cause === undefined ? {} : { cause });

function checkInputs({ inputMetadata }: InferenceSession, path: string): void {
  const names = inputMetadata.map(({ name }) => name);
  if (!names.includes('input_ids') || names.some((name) => !TAKES.some((taken) => taken === name)))
    throw unusable(path, `takes other inputs than ${TAKES.join(', ')}.`);
  for (const input of inputMetadata)
    if (!input.isTensor || input.type !== 'int64' || input.shape.length !== 2)
      throw unusable(path, 'has an input that is no table of 64-bit whole numbers (batch, pieces).');
}

/** The table of scores: `logits`, or the only output there is. */
function outputOf({ outputNames }: InferenceSession, path: string): string {
  const name = outputNames.includes('logits') ? 'logits' : outputNames.length === 1 ? outputNames[0] : undefined;
  if (name === undefined) throw unusable(path, 'has no output logits.');
  return name;
}

export async function openSession(bytes: Uint8Array, { path, tokenizer, labels }: Asked): Promise<RunModel> {
  const { InferenceSession: Session, Tensor: Table } = await loadRuntime();
  let session: InferenceSession;
  try {
    session = await Session.create(bytes, { executionProviders: ['wasm'], graphOptimizationLevel: 'all', logSeverityLevel: 4 });
  } catch (cause) {
    // Cut short, of another format or of an operator set this runtime does not know: its own words say which, and hold nothing of a text.
    const said = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').slice(0, 200) : 'no reason';
    throw unusable(path, `can not be loaded: ${said}`, cause);
  }
  checkInputs(session, path);
  const output = outputOf(session, path);
  const run: RunModel = async (ids) => {
    const shape = [1, ids.length];
    const table = (value: (id: number) => number): Tensor =>
      new Table(
        'int64',
        BigInt64Array.from(ids, (id) => BigInt(value(id))),
        shape,
      );
    const all: Readonly<Record<string, Tensor>> = {
      input_ids: table((id) => id),
      attention_mask: table(() => 1),
      token_type_ids: table(() => 0),
    };
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, all[name] as Tensor]));
    const scores = (await session.run(feeds, [output], { logSeverityLevel: 4 }))[output] as Tensor;
    const [batch, pieces, each] = scores.dims;
    if (scores.type !== 'float32' || scores.dims.length !== 3 || batch !== 1 || pieces !== ids.length || each !== labels)
      throw new SallyportError(
        'MAIN_NER_MODEL',
        `The model of names: ${path} answers ${scores.type} of [${scores.dims.join(', ')}] where config.json has ${labels} labels for each of ${ids.length} pieces.`,
      );
    return scores.data as Float32Array;
  };
  try {
    await run([tokenizer.opens, tokenizer.largest, tokenizer.closes]);
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause;
    throw unusable(path, 'could not read a first text; is its tokenizer.json that of another model?', cause);
  }
  return run;
}

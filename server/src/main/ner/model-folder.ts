// Reads the folder an operator supplies: the model, its tokenizer, its labels. Every file is bounded and named in what is said about it.
// Runs in the thread of the model, never on the loop that serves calls.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonFault, isObject, isRefusal, type JsonValue, parseStrictJson, SallyportError } from '#core';
import { createNamesReader, type Label, type NamesReader, readLabels, readTokenizer, type Tokenizer } from '#dlp';
import { openSession } from './session.ts';

const MIB = 1024 * 1024;
/** Compiled to WebAssembly the runtime reaches 4 GiB in all; a model of names is far smaller. */
const MAX_MODEL_BYTES = 1024 * MIB;
const MAX_TOKENIZER_BYTES = 32 * MIB;
const MAX_CONFIG_BYTES = MIB;
/** Where `config.json` does not say how many pieces the model takes. */
const USUAL_CAPACITY = 512;
const LEAST_CAPACITY = 8;

async function readBounded(folder: string, file: string, most: number): Promise<Buffer> {
  const path = join(folder, file);
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new SallyportError('MAIN_NER_FILE', `The model of names: ${path} is no file.`);
    if (found.size > most) throw new SallyportError('MAIN_NER_FILE', `The model of names: ${path} is larger than ${most / MIB} MiB.`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause;
    throw new SallyportError('MAIN_NER_FILE', `The model of names: ${path} is not there or can not be read.`, { cause });
  }
}

function jsonOf(bytes: Buffer, path: string): JsonValue {
  // A vocabulary has more members than a request may have.
  const value = parseStrictJson(bytes.toString('utf8').replace(/^\uFEFF/, ''), {
    maxBytes: MAX_TOKENIZER_BYTES,
    maxDepth: 32,
    maxMembers: 2_000_000,
  });
  if (isJsonFault(value)) throw new SallyportError('MAIN_NER_FILE', `The model of names: ${path} is not JSON.`);
  return value;
}

/** A refusal of what a file says, with the folder it lies in. */
function accepted<T extends object>(made: T | ReturnType<typeof readTokenizer>, folder: string): T {
  if (isRefusal(made)) throw new SallyportError(made.code, `The model of names in ${folder}: ${made.reason}`);
  return made as T;
}

function capacityOf(config: JsonValue, folder: string): number {
  const said = isObject(config) ? config.max_position_embeddings : undefined;
  if (said === undefined) return USUAL_CAPACITY;
  if (typeof said === 'number' && Number.isInteger(said) && said >= LEAST_CAPACITY) return said;
  throw new SallyportError('DLP_NER_LABELS', `The model of names in ${folder}: config.json has max_position_embeddings of another form.`);
}

export async function openModelFolder(folder: string): Promise<NamesReader> {
  const config = jsonOf(await readBounded(folder, 'config.json', MAX_CONFIG_BYTES), join(folder, 'config.json'));
  const isOwn = await stat(join(folder, 'labels.json')).then(
    () => true,
    () => false,
  );
  const own = isOwn ? jsonOf(await readBounded(folder, 'labels.json', MAX_CONFIG_BYTES), join(folder, 'labels.json')) : null;
  const labels = accepted<readonly Label[]>(readLabels(config, own), folder);
  const path = join(folder, 'tokenizer.json');
  const tokenizer = accepted<Tokenizer>(
    readTokenizer(jsonOf(await readBounded(folder, 'tokenizer.json', MAX_TOKENIZER_BYTES), path)),
    folder,
  );
  const capacity = capacityOf(config, folder);
  const bytes = await readBounded(folder, 'model.onnx', MAX_MODEL_BYTES);
  const run = await openSession(bytes, { path: join(folder, 'model.onnx'), tokenizer, labels: labels.length });
  return createNamesReader({ tokenizer, labels, capacity, run });
}

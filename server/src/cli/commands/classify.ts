// `sallyport classify`: which class of data each field of a file of the user's own holds, and on what evidence. Needs no server.
// Prints paths and classes, never what stands there.

import { type DataClass, dataClassSpec, isObject, type JsonObject, type JsonValue, SallyportError } from '#core';
import { type Classification, type ClassifiedField, createClassifier, FIELD_MAPS } from '#dlp';
import { text, usage } from '../arguments.ts';
import type { Command, Context, Io } from '../command.ts';
import { csvRows } from '../csv-rows.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonValues, type NumberedLine } from '../json-values.ts';
import { loadNameLists } from '../name-lists.ts';
import { printJson, printRows, visible } from '../print.ts';

const FORMATS = ['json', 'jsonl', 'ndjson', 'csv', 'tsv', 'yaml'] as const;
type Format = 'json' | 'csv' | 'yaml';

function formatOf(named: string | null, file: string): Format | null {
  const extension = named ?? /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  if (extension === 'yaml' || extension === 'yml') return 'yaml';
  if (extension === 'csv' || extension === 'tsv') return 'csv';
  return (FORMATS as readonly string[]).includes(extension) ? 'json' : null;
}

async function* numbered(io: Pick<Io, 'lines'>, file: string): AsyncGenerator<NumberedLine> {
  let number = 0;
  for await (const line of io.lines(file)) {
    number += 1;
    yield { number, text: line };
  }
}

/** The first line that says something, and all lines with it: what the file is can not be told before. */
async function peek(lines: AsyncGenerator<NumberedLine>): Promise<{ first: string; all: AsyncGenerator<NumberedLine> }> {
  const held: NumberedLine[] = [];
  for (;;) {
    const next = await lines.next();
    if (next.done === true) break;
    held.push(next.value);
    if (next.value.text.trim() !== '' || held.length > 1_000) break;
  }
  async function* all(): AsyncGenerator<NumberedLine> {
    yield* held;
    yield* lines;
  }
  return { first: (held.at(-1)?.text ?? '').replace(/^\ufeff/, '').trim(), all: all() };
}

async function fromYaml(lines: AsyncIterable<NumberedLine>, file: string): Promise<JsonObject> {
  const held: string[] = [];
  let size = 0;
  for await (const { text: line } of lines) {
    size += line.length;
    if (size > 8 * 1024 * 1024) throw new SallyportError('CLI_INPUT_UNREADABLE', `${file} is too large.`);
    held.push(line);
  }
  const { parse } = await import('yaml');
  try {
    const value = parse(held.join('\n'), { maxAliasCount: 100, uniqueKeys: true }) as unknown;
    if (isObject(value)) return JSON.parse(JSON.stringify(value)) as JsonObject;
  } catch (cause) {
    throw new SallyportError('CLI_INPUT_UNREADABLE', `${file} is not YAML that can be read one way only.`, { cause });
  }
  throw new SallyportError('CLI_INPUT_UNREADABLE', `${file} is YAML, but no OpenAPI document.`);
}

const looksLikeApi = (value: JsonValue): value is JsonObject =>
  isObject(value) && (typeof value.openapi === 'string' || typeof value.swagger === 'string') && isObject(value.paths);

async function classify(context: Context): Promise<ExitCode> {
  const [file, more] = context.parsed.words.slice(1);
  if (file === undefined || more !== undefined) throw usage('Name one file, or - for standard input.');
  const map = text(context.parsed, '--map');
  if (map !== null && !FIELD_MAPS.some(({ name }) => name === map))
    throw usage(`There is no such map; there are ${FIELD_MAPS.map(({ name }) => name).join(', ')}.`);
  const named = text(context.parsed, '--format');
  if (named !== null && formatOf(named, '') === null) throw usage(`--format is one of ${FORMATS.join(', ')}.`);
  const { first, all } = await peek(numbered(context.io, file));
  const format = formatOf(named, file) ?? (/^[[{"]/.test(first) ? 'json' : /^(?:openapi|swagger|info)\s*:/.test(first) ? 'yaml' : 'csv');
  const task: Task = { context, file, map };
  if (format === 'yaml') {
    const document = await fromYaml(all, file);
    if (!looksLikeApi(document)) throw new SallyportError('CLI_INPUT_UNREADABLE', `${file} is YAML, but no OpenAPI document.`);
    return classifyApi(task, document);
  }
  const classifier = createClassifier({ maps: FIELD_MAPS, map, lists: loadNameLists() });
  let isList = false;
  if (format === 'csv') for await (const row of csvRows(all, file)) classifier.add(row);
  else {
    let count = 0;
    for await (const { value, line, isMember } of jsonValues(all, file)) {
      if (count === 0 && looksLikeApi(value)) return classifyApi(task, value);
      if (typeof value !== 'object' || value === null)
        throw new SallyportError(
          'CLI_INPUT_UNREADABLE',
          `${file === '-' ? 'standard input' : file} line ${line}: is neither an object nor a list.`,
        );
      classifier.add(value);
      count += 1;
      isList ||= isMember;
    }
  }
  return show(task, classifier.result(), isList);
}

interface Task {
  readonly context: Context;
  readonly file: string;
  readonly map: string | null;
}

function described(dataClass: DataClass | null): JsonObject {
  if (dataClass === null) return { class: null, sensitivity: null, pii: [], handling: null, unsure: null };
  const { sensitivity, pii, handling, unsure } = dataClassSpec(dataClass);
  return { class: dataClass, sensitivity, pii, handling, unsure };
}

function fieldJson(field: ClassifiedField): JsonObject {
  const { path, dataClass, confidence, evidence, contains, seen } = field;
  return { path, ...described(dataClass), confidence, evidence: { ...evidence }, contains: { ...contains }, seen };
}

function evidenceText({ evidence: { by, said, sampled, recognised } }: ClassifiedField): string {
  const values = recognised === null || recognised === 0 ? '' : `${Math.round(recognised * 100)} % of ${sampled} values`;
  if (by === 'none') return 'nothing speaks for any class';
  return (
    [by === 'map' ? `map ${said}` : by === 'key' ? `key ${visible(said ?? '')}` : '', values].filter((part) => part !== '').join(', ') ||
    'values: sentences'
  );
}

function classText({ dataClass, evidence }: ClassifiedField): string {
  return dataClass ?? (evidence.by === 'map' ? 'about nobody' : 'unknown');
}

async function show(task: Task, result: Classification, isList: boolean): Promise<ExitCode> {
  const { context } = task;
  if (context.parsed.options['--draft'] === true) {
    const { fieldLines } = await import('#connectors');
    const fields = result.fields.map((field) => ({
      path: isList ? `[]${field.path.startsWith('[]') ? '' : '.'}${field.path}` : field.path,
      dataClass: field.dataClass,
      said: field.evidence.by === 'none' ? null : `${evidenceText(field)}, confidence ${field.confidence.toFixed(2)}`,
    }));
    const lines = fieldLines(fields, '    ');
    await context.io.write(
      [
        '# Draft of the output fields of an operation, made from samples by `sallyport classify --draft`.',
        '# Every line marked "review" is a guess: correct it, say who writes the field (`trusted`), and take the mark away.',
        'output:',
        '  unlisted: worst',
        ...(lines.some((line) => line.includes('trusted:')) ? ['  fields:'] : []),
        ...lines,
        '',
      ].join('\n'),
    );
  } else if (context.json)
    printJson(context, {
      file: task.file,
      records: result.records,
      maps: { ...result.maps },
      leftOut: result.leftOut,
      fields: result.fields.map(fieldJson),
    });
  else {
    const rows = result.fields.map((field) => ({
      path: field.path,
      class: classText(field),
      sensitivity: field.dataClass === null ? '-' : dataClassSpec(field.dataClass).sensitivity,
      sure: field.confidence.toFixed(2),
      'to a model':
        field.dataClass === null ? (field.evidence.by === 'map' ? 'clear' : 'as the worst') : dataClassSpec(field.dataClass).handling.model,
      evidence: evidenceText(field),
    }));
    printRows(context, rows, ['path', 'class', 'sensitivity', 'sure', 'to a model', 'evidence'], 'No field was found.');
  }
  const maps = Object.entries(result.maps).map(([name, count]) => `${count} ${name}`);
  context.io.err(`${result.records} records, ${result.fields.length} fields${maps.length === 0 ? '' : `; ${maps.join(', ')}`}.`);
  if (result.leftOut > 0)
    context.io.err(
      `${result.leftOut} values of further fields were not looked at: a file with more fields than 2000 has keys that are data.`,
    );
  return EXIT.done;
}

/** An OpenAPI document: its operations, and the classes of what they return. */
async function classifyApi({ context, file, map }: Task, document: JsonObject): Promise<ExitCode> {
  const { draftManifest, manifestText } = await import('#connectors');
  const draft = draftManifest(document, FIELD_MAPS.find(({ name }) => name === map) ?? null);
  if (context.parsed.options['--draft'] === true) await context.io.write(manifestText(draft, map));
  else if (context.json)
    printJson(context, {
      file,
      title: draft.title,
      skipped: draft.skipped.map((each) => ({ ...each })),
      operations: draft.operations.map(({ name, method, path, effect, fields, leftOut }) => ({
        name,
        method,
        path,
        effect,
        needsReview: true,
        leftOut,
        fields: fields.map(({ path: at, dataClass, said }) => ({
          path: at,
          ...described(dataClass),
          confidence: said === null ? 0 : said.startsWith('map ') ? 0.98 : 0.5,
          evidence: { by: said === null ? 'none' : said.startsWith('map ') ? 'map' : 'key', said },
        })),
      })),
    });
  else
    printRows(
      context,
      draft.operations.flatMap(({ name, fields }) =>
        fields.map(({ path, dataClass, said }) => ({
          operation: name,
          path,
          class: dataClass ?? (said === null ? 'unknown' : 'about nobody'),
          evidence: said ?? 'nothing speaks for any class',
        })),
      ),
      ['operation', 'path', 'class', 'evidence'],
      'No operation with a described reply was found.',
    );
  context.io.err(`${draft.operations.length} operations${draft.skipped.length === 0 ? '' : `, ${draft.skipped.length} left out`}.`);
  return EXIT.done;
}

export const classifyCommands: readonly Command[] = [
  {
    name: 'classify',
    summary:
      'Label the fields of your own records (JSON, JSON Lines, CSV) or of an OpenAPI document: class, sensitivity, handling, evidence. Needs no server.',
    positional: 'FILE|-',
    options: [
      {
        name: '--map',
        value: 'NAME',
        doc: `The API the records are from: ${FIELD_MAPS.map(({ name }) => name).join(', ')}. Without it, told from the fields.`,
      },
      { name: '--format', value: 'NAME', doc: `${FORMATS.join(', ')}; without it, by the name of the file or its first line.` },
      {
        name: '--draft',
        value: null,
        doc: 'Write a draft for review: output fields of a manifest, or from OpenAPI a manifest whose operations are refused until reviewed.',
      },
    ],
    run: classify,
  },
];

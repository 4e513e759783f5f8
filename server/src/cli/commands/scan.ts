// `sallyport scan pii`: what the detector finds in texts of the user's own, one line a row. Needs no server and sends nothing anywhere.
// Prints places and classes, never what stands there.

import { isDataClass, isJsonFault, isObject, isRefusal, type JsonValue, parseStrictJson, SallyportError } from '#core';
import {
  type Catalogue,
  collectKnown,
  compilePattern,
  createCatalogue,
  createKnownMatcher,
  DLP_TYPES,
  type DlpType,
  detect,
  MAX_CATALOGUE_ENTRIES,
  MAX_PATTERNS,
  type NameLists,
  type PatternSpec,
  type TenantPattern,
} from '#dlp';
import { text, usage } from '../arguments.ts';
import { readCatalogue } from '../catalogue-file.ts';
import type { Command, Context, NamesModel } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadNameLists } from '../name-lists.ts';
import { NER_OPTION, openNames, withNames } from '../names-model.ts';
import { visible } from '../print.ts';
import { type ScanRow, scanRows } from '../scan-rows.ts';

/** Names that data sets of personal data use where ours are shorter. */
const OUTSIDE: Partial<Readonly<Record<DlpType, string>>> = { CARD: 'CREDIT_CARD', SSN: 'US_SSN' };

interface Found {
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly confidence: number;
  readonly known?: true;
}

interface Tools {
  readonly lists: NameLists;
  readonly catalogue: Catalogue | null;
  readonly patterns: readonly TenantPattern[];
  readonly names: NamesModel | null;
}

async function find({ text: body, lang, customer }: ScanRow, { lists, catalogue, patterns, names }: Tools): Promise<readonly Found[]> {
  const known = customer === null ? {} : { known: createKnownMatcher(collectKnown({ customer })) };
  const own = { lists, language: lang, catalogue };
  const spans = await withNames(names, own, (guessing) => detect(body, { ...known, patterns, guessing }));
  return spans
    .filter(({ personal }) => personal)
    .map(({ start, end, type, confidence, known: isKnown }) => ({
      start,
      end,
      type: OUTSIDE[type] ?? type,
      confidence: Math.round(confidence * 100) / 100,
      ...(isKnown ? { known: true as const } : {}),
    }));
}

/** What `--fail-on` names: classes as they are printed, or `any`. */
function classesOf(named: string | null): ReadonlySet<string> | 'any' {
  if (named === null) return new Set();
  if (named === 'any') return 'any';
  const known = new Set(DLP_TYPES.map((type) => OUTSIDE[type] ?? type));
  const classes = named.split(',').map((one) => one.trim());
  const unknown = classes.find((one) => !known.has(one));
  if (unknown !== undefined) throw usage(`--fail-on takes any, or classes of ${[...known].join(', ')}.`);
  return new Set(classes);
}

/** Patterns in the form in which the server lists them. */
async function patternsOf(context: Context): Promise<readonly TenantPattern[]> {
  const file = text(context.parsed, '--patterns');
  if (file === null) return [];
  const value = parseStrictJson(await context.io.readFile(file));
  const listed = !isJsonFault(value) && isObject(value) ? value.patterns : value;
  if (isJsonFault(value) || !Array.isArray(listed))
    throw new SallyportError('CLI_INPUT_UNREADABLE', `${file}: not a list of patterns, or {patterns: [...]}.`);
  if (listed.length > MAX_PATTERNS) throw new SallyportError('CLI_INPUT_UNREADABLE', `${file}: more than ${MAX_PATTERNS} patterns.`);
  return listed.map((one: JsonValue, index) => {
    const spec = specOf(one);
    const made = spec === null ? null : compilePattern(spec);
    if (made === null || isRefusal(made)) {
      const why = made === null ? 'has not the members name, class, pattern, matches and differs.' : `${made.code}: ${made.reason}`;
      throw new SallyportError('CLI_INPUT_UNREADABLE', `${file}: pattern ${index + 1} ${why}`);
    }
    return made;
  });
}

function specOf(value: JsonValue): PatternSpec | null {
  if (!isObject(value)) return null;
  const { name, class: dataClass, pattern, matches, differs = [] } = value;
  const isTexts = (list: unknown): list is readonly string[] => Array.isArray(list) && list.every((one) => typeof one === 'string');
  if (typeof name !== 'string' || typeof pattern !== 'string' || !isDataClass(dataClass) || !isTexts(matches) || !isTexts(differs))
    return null;
  return { name, dataClass, pattern, matches, differs };
}

async function scanPii(context: Context): Promise<ExitCode> {
  const [file = '-', more] = context.parsed.words.slice(2);
  if (more !== undefined) throw usage('Name one file, or none for standard input.');
  const catalogueFile = text(context.parsed, '--catalogue');
  const catalogue = catalogueFile === null ? null : createCatalogue(await readCatalogue(context.io, catalogueFile));
  if (catalogue !== null && catalogue.left > 0)
    context.io.err(
      `The catalogue has ${catalogue.left} entries more than the ${MAX_CATALOGUE_ENTRIES} that are kept; what they name may be taken for people.`,
    );
  const failOn = classesOf(text(context.parsed, '--fail-on'));
  const patterns = await patternsOf(context);
  const lists = loadNameLists();
  const names = await openNames(context);
  const counts = new Map<string, number>();
  let rows = 0;
  try {
    for await (const row of scanRows(context.io, file)) {
      rows += 1;
      const spans = await find(row, { lists, catalogue, patterns, names });
      // Written and awaited row by row: whoever reads slowly slows the reading down, and nothing piles up.
      if (context.json) await context.io.write(`${JSON.stringify({ id: row.id, spans })}\n`);
      else
        for (const { start, end, type, confidence } of spans)
          await context.io.write(`${visible(String(row.id ?? rows))}  ${start}-${end}  ${type}  ${confidence.toFixed(2)}\n`);
      for (const { type } of spans) counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  } finally {
    await names?.close();
  }
  if (!context.json) {
    const found = [...counts].map(([type, count]) => `${count} ${type}`).join(', ');
    context.io.err(`${rows} texts; ${found === '' ? 'nothing found' : found}.`);
  }
  const isFailed = [...counts.keys()].some((type) => failOn === 'any' || failOn.has(type));
  return isFailed ? EXIT.no : EXIT.done;
}

export const scanCommands: readonly Command[] = [
  {
    name: 'scan pii',
    summary:
      'Find personal data in your own texts: JSON Lines of {id, text, lang?, context?} in, one line of finds a row out. Needs no server.',
    positional: '[FILE|-]',
    options: [
      {
        name: '--json',
        value: null,
        doc: 'One JSON line a row: {id, spans:[{start, end, type, confidence, known?}]}, offsets in UTF-16 units.',
      },
      {
        name: '--fail-on',
        value: 'any|CLASS,...',
        doc: 'Exit 1 when something of these classes was found, e.g. CREDIT_CARD,IBAN: for a check of what is about to be published.',
      },
      {
        name: '--patterns',
        value: 'FILE',
        doc: 'Patterns of your own, as `sallyport patterns list --json` prints them.',
      },
      {
        name: '--catalogue',
        value: 'FILE',
        doc: 'What the shop sells (lines of titles, JSON Lines, or JSON of products): names in it are not taken for people.',
      },
      NER_OPTION,
    ],
    run: scanPii,
  },
];

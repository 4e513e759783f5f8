// `sallyport scan pii`: what the detector finds in texts of the user's own, one line a row. Needs no server and sends nothing anywhere.
// Prints places and classes, never what stands there.

import { type Catalogue, collectKnown, createCatalogue, createKnownMatcher, type DlpType, detect, type NameLists } from '#dlp';
import { text, usage } from '../arguments.ts';
import { catalogueEntries } from '../catalogue-file.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadNameLists } from '../name-lists.ts';
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

function find({ text: body, lang, customer }: ScanRow, lists: NameLists, catalogue: Catalogue | null): readonly Found[] {
  const known = customer === null ? {} : { known: createKnownMatcher(collectKnown({ customer })) };
  const spans = detect(body, { ...known, guessing: { lists, language: lang, catalogue } });
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

async function scanPii(context: Context): Promise<ExitCode> {
  const [file = '-', more] = context.parsed.words.slice(2);
  if (more !== undefined) throw usage('Name one file, or none for standard input.');
  const catalogueFile = text(context.parsed, '--catalogue');
  const catalogue = catalogueFile === null ? null : createCatalogue(catalogueEntries(await context.io.readFile(catalogueFile)));
  const lists = loadNameLists();
  const counts = new Map<string, number>();
  let rows = 0;
  for await (const row of scanRows(context.io, file)) {
    rows += 1;
    const spans = find(row, lists, catalogue);
    // Written and awaited row by row: whoever reads slowly slows the reading down, and nothing piles up.
    if (context.json) await context.io.write(`${JSON.stringify({ id: row.id, spans })}\n`);
    else
      for (const { start, end, type, confidence } of spans)
        await context.io.write(`${visible(String(row.id ?? rows))}  ${start}-${end}  ${type}  ${confidence.toFixed(2)}\n`);
    for (const { type } of spans) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  if (!context.json) {
    const found = [...counts].map(([type, count]) => `${count} ${type}`).join(', ');
    context.io.err(`${rows} texts; ${found === '' ? 'nothing found' : found}.`);
  }
  return EXIT.done;
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
        name: '--catalogue',
        value: 'FILE',
        doc: 'What the shop sells (lines of titles, JSON Lines, or JSON of products): names in it are not taken for people.',
      },
    ],
    run: scanPii,
  },
];

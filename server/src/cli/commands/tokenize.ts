// `sallyport tokenize`: conversations of the user's own with placeholders instead of personal data, and back again. Needs no server and
// sends nothing anywhere. INVARIANT: one row is held at a time.

import { isObject, type JsonObject } from '#core';
import { createCatalogue, detect } from '#dlp';
import { text, usage } from '../arguments.ts';
import { catalogueEntries } from '../catalogue-file.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadNameLists } from '../name-lists.ts';
import { NER_OPTION, openNames, withNames } from '../names-model.ts';
import { objectRows, unreadableRow } from '../scan-rows.ts';
import { OWN_MEMBERS, pointer, rowKeys, rowLeaves } from '../tokenize/leaves.ts';
import { isOfReply, readMap, replyDestination, restoreRow, type TokenMap } from '../tokenize/restore-row.ts';
import { destinationOf, OWN_LINKS, tokenizeRow } from '../tokenize/row.ts';
import { checkSplits, pseudoRandom, SPLITS, type Split, type SplitCheck } from '../tokenize/split.ts';

/** A key of up to so many plain characters says what a value is, and is none. */
const PLAIN_KEY = /^[A-Za-z_$][\w$.-]{0,99}$/;

function checkForm(row: JsonObject, split: Split | null): string | null {
  const { messages, text: words } = row;
  if (messages === undefined && words === undefined && row.system === undefined) return 'has neither messages nor a text.';
  if (messages !== undefined && !Array.isArray(messages)) return 'has messages that are no list.';
  if (Array.isArray(messages) && !messages.every(isObject)) return 'has a message that is no object.';
  if (words !== undefined && typeof words !== 'string') return 'has a text that is not a string.';
  const taken = [...OWN_MEMBERS, ...(split === null ? [] : ['split'])].find((member) => row[member] !== undefined);
  if (taken !== undefined) return `has a member ${taken}, which is where the result goes; is it tokenised already?`;
  for (const key of rowKeys(row))
    if (!PLAIN_KEY.test(key) && detect(key).some(({ personal }) => personal))
      return 'has a key that is itself personal data; put it into a value.';
  return null;
}

function splitRow(row: JsonObject, map: TokenMap, split: Split, random: (below: number) => number): SplitCheck {
  const into: SplitCheck = { cuts: 0, mismatches: [] };
  for (const leaf of rowLeaves(row)) {
    if (typeof leaf.value === 'number') continue;
    const isReply = isOfReply(leaf);
    const destination = isReply ? replyDestination(leaf) : destinationOf(leaf, leaf.value);
    const links = isReply ? 'kept' : OWN_LINKS;
    checkSplits(leaf.value, { at: pointer(leaf.path), split, lookup: map.lookup, destination, links, random, into });
  }
  return into;
}

function chosenSplit(context: Context): Split | null {
  const name = text(context.parsed, '--split');
  if (name === null) return null;
  const split = SPLITS.find((one) => one === name);
  if (split === undefined) throw usage(`--split takes ${SPLITS.join(' or ')}.`);
  return split;
}

async function tokenize(context: Context): Promise<ExitCode> {
  const { parsed, io } = context;
  const [file = '-', more] = parsed.words.slice(1);
  if (more !== undefined) throw usage('Name one file, or none for standard input.');
  const split = chosenSplit(context);
  const isRestoring = parsed.options['--restore'] === true;
  const catalogueFile = text(parsed, '--catalogue');
  if (isRestoring && catalogueFile !== null) throw usage('--catalogue is for tokenising; --restore reads no catalogue.');
  if (isRestoring && text(parsed, '--ner') !== null) throw usage('--ner is for tokenising; --restore reads no model.');
  const seed = Number(text(parsed, '--seed') ?? '1');
  if (!Number.isSafeInteger(seed) || seed < 1) throw usage('--seed takes a whole number from 1.');
  const random = pseudoRandom(seed);
  const catalogue = catalogueFile === null ? null : createCatalogue(catalogueEntries(await io.readFile(catalogueFile)));
  const lists = isRestoring ? null : loadNameLists();
  const names = isRestoring ? null : await openNames(context);
  const totals = { rows: 0, cuts: 0, mismatches: 0, foreign: 0, irreversible: 0 };
  try {
    for await (const { row, number } of objectRows(io, file)) {
      totals.rows += 1;
      const fault = isRestoring ? null : checkForm(row, split);
      if (fault !== null) throw unreadableRow(file, number, fault);
      const language = typeof row.lang === 'string' ? row.lang : null;
      const tokenised =
        lists === null ? row : await withNames(names, { lists, language, catalogue }, (guessing) => tokenizeRow(row, guessing).row);
      const map = readMap(tokenised);
      if (typeof map === 'string') throw unreadableRow(file, number, map);
      const check = split === null ? null : splitRow(tokenised, map, split, random);
      const restored = isRestoring ? restoreRow(row, map) : null;
      const out = restored?.row ?? tokenised;
      totals.cuts += check?.cuts ?? 0;
      totals.mismatches += check?.mismatches.length ?? 0;
      totals.foreign += restored?.foreign.length ?? 0;
      totals.irreversible += out.irreversible === undefined ? 0 : 1;
      // Written and awaited row by row: whoever reads slowly slows the reading down, and nothing piles up.
      await io.write(`${JSON.stringify(check === null ? out : { ...out, split: { by: split, ...check } })}\n`);
    }
  } finally {
    await names?.close();
  }
  if (!context.json) context.io.err(summary(totals, split));
  return EXIT.done;
}

function summary(
  totals: Readonly<Record<'rows' | 'cuts' | 'mismatches' | 'foreign' | 'irreversible', number>>,
  split: Split | null,
): string {
  const words = [`${totals.rows} conversations`];
  if (totals.irreversible > 0) words.push(`${totals.irreversible} with card numbers or secrets masked for good`);
  if (totals.foreign > 0) words.push(`${totals.foreign} placeholders that no row gave out`);
  if (split !== null) words.push(`${totals.cuts} cuts by ${split}, ${totals.mismatches} mismatches`);
  return `${words.join('; ')}.`;
}

export const tokenizeCommands: readonly Command[] = [
  {
    name: 'tokenize',
    summary:
      'Put placeholders for personal data into your own conversations, or values back: JSON Lines of {id, messages | text, ...} in and out. Needs no server.',
    positional: '[FILE|-]',
    options: [
      { name: '--json', value: null, doc: 'No summary on standard error; rows are JSON Lines either way.' },
      {
        name: '--restore',
        value: null,
        doc: 'Rows with `tokens` back to what they were; a `reply` in them gets its values, `foreign` names placeholders that no row gave out.',
      },
      {
        name: '--split',
        value: 'bytes|utf16',
        doc: 'Also restore every text in pieces, cut at every place and at random, and add `split: {by, cuts, mismatches}` to each row.',
      },
      { name: '--seed', value: 'NUMBER', doc: 'Where the random cuts of --split begin; 1 unless given.' },
      { name: '--catalogue', value: 'FILE', doc: 'What the shop sells: names in it are not taken for people. As for scan pii.' },
      NER_OPTION,
    ],
    run: tokenize,
  },
];

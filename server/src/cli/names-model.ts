// `--ner`: the operator's own model of names beside our guesses, for commands that read texts. Texts are collected first and read by the model, then
// searched for good: a search does not wait.

import type { Guessing, NerSpan } from '#dlp';
import { type OptionSpec, text } from './arguments.ts';
import type { Context, NamesModel } from './command.ts';

export const NER_OPTION: OptionSpec = {
  name: '--ner',
  value: 'FOLDER',
  doc: 'Also ask a model of names of your own: model.onnx, tokenizer.json, config.json, and labels.json where its labels need a word.',
};

export async function openNames({ parsed, io }: Pick<Context, 'parsed' | 'io'>): Promise<NamesModel | null> {
  const folder = text(parsed, '--ner');
  return folder === null ? null : io.openNames(folder);
}

const NOTHING: readonly NerSpan[] = Object.freeze([]);

export async function withNames<T>(names: NamesModel | null, guessing: Guessing, search: (guessing: Guessing) => T): Promise<T> {
  if (names === null) return search(guessing);
  const found = new Map<string, readonly NerSpan[]>();
  search({
    ...guessing,
    second: (one) => {
      found.set(one, NOTHING);
      return NOTHING;
    },
  });
  for (const one of found.keys()) found.set(one, await names.read(one));
  return search({ ...guessing, second: (one) => found.get(one) ?? NOTHING });
}

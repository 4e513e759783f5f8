// Reads the `tokenizer.json` an operator lays beside a model and cuts texts as it says. WordPiece with BERT's own steps is read; every other kind is
// refused, for a text cut otherwise than the model was taught gives finds that only look right. Special tokens are never read out of a text.

import { isObject, type JsonObject, type JsonValue, type Refusal, refuse } from '#core';
import { type Normaliser, type Unit, unitsOf, wordsOfUnits } from './normalise.ts';

/** A piece of a text: its number in the vocabulary, its word, and where the word stands. */
export interface Piece {
  readonly id: number;
  readonly word: number;
}

export interface Encoded {
  readonly pieces: readonly Piece[];
  /** Where each word stands in the original text, in UTF-16 units. */
  readonly words: readonly { readonly start: number; readonly end: number }[];
}

export interface Tokenizer {
  readonly opens: number;
  readonly closes: number;
  /** The largest number it gives out: a model with a smaller vocabulary belongs to another tokenizer. */
  readonly largest: number;
  encode(text: string): Encoded;
}

/** Vocabularies of many languages have some 250,000 entries. */
const MAX_VOCABULARY = 1_000_000;
const MAX_WORD_CHARS = 100;

const refused = (why: string): Refusal => refuse('DLP_NER_TOKENIZER', `tokenizer.json ${why}`, { file: 'tokenizer.json' });
const isId = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
/** Named in a message only when it is a plain word: the file is the operator's, and still no text of ours. */
const kindOf = (value: JsonValue | undefined): string => {
  const kind = isObject(value) ? value.type : undefined;
  return typeof kind === 'string' && /^\w{1,40}$/.test(kind) ? kind : 'none';
};

function readNormaliser(value: JsonValue | undefined): Normaliser | Refusal {
  if (!isObject(value) || value.type !== 'BertNormalizer')
    return refused(`has the normalizer ${kindOf(value)}; only BertNormalizer is read.`);
  const { clean_text: clean, handle_chinese_chars: chinese, strip_accents: strip, lowercase } = value;
  if (![clean, chinese, lowercase].every((flag) => typeof flag === 'boolean') || !(strip === null || typeof strip === 'boolean'))
    return refused('has a BertNormalizer whose four settings are not all there.');
  // What is not said follows the case, as in BERT.
  const stripAccents = strip === null ? lowercase === true : strip === true;
  return { cleanText: clean === true, chineseChars: chinese === true, stripAccents, lowercase: lowercase === true };
}

function readVocabulary(model: JsonObject): ReadonlyMap<string, number> | Refusal {
  if (!isObject(model.vocab)) return refused('has no vocabulary.');
  const entries = Object.entries(model.vocab);
  if (entries.length === 0 || entries.length > MAX_VOCABULARY)
    return refused(`has a vocabulary of none or more than ${MAX_VOCABULARY} entries.`);
  const vocabulary = new Map<string, number>();
  for (const [word, id] of entries) {
    if (!isId(id) || id > MAX_VOCABULARY) return refused('has an entry of the vocabulary that is no number.');
    vocabulary.set(word, id);
  }
  return vocabulary;
}

/** The longest entry that a word begins with, and again from there; null when no entry fits somewhere. */
function cutWord(
  chars: readonly string[],
  vocabulary: ReadonlyMap<string, number>,
  prefix: string,
  longest: number,
): readonly number[] | null {
  const ids: number[] = [];
  for (let from = 0; from < chars.length; ) {
    let id: number | undefined;
    let to = Math.min(chars.length, from + longest);
    for (; to > from; to -= 1) {
      id = vocabulary.get((from === 0 ? '' : prefix) + chars.slice(from, to).join(''));
      if (id !== undefined) break;
    }
    if (id === undefined) return null;
    ids.push(id);
    from = to;
  }
  return ids;
}

export function readTokenizer(file: JsonValue): Tokenizer | Refusal {
  if (!isObject(file) || !isObject(file.model)) return refused('has no model.');
  const { model } = file;
  if (model.type !== 'WordPiece') return refused(`has a model of the kind ${kindOf(model)}; only WordPiece is read.`);
  if (kindOf(file.pre_tokenizer) !== 'BertPreTokenizer')
    return refused(`has the pre-tokenizer ${kindOf(file.pre_tokenizer)}; only BertPreTokenizer is read.`);
  const normaliser = readNormaliser(file.normalizer);
  if ('kind' in normaliser) return normaliser;
  const vocabulary = readVocabulary(model);
  if ('kind' in vocabulary) return vocabulary;
  const [unknown, opens, closes] = [model.unk_token, '[CLS]', '[SEP]'].map((word) =>
    typeof word === 'string' ? vocabulary.get(word) : undefined,
  );
  if (unknown === undefined || opens === undefined || closes === undefined)
    return refused('has a vocabulary without [CLS], [SEP] or its unknown token.');
  const prefix = model.continuing_subword_prefix ?? '##';
  const most = model.max_input_chars_per_word ?? MAX_WORD_CHARS;
  if (typeof prefix !== 'string' || !isId(most) || most === 0 || most > 1_000)
    return refused('has a WordPiece model whose settings are of another form.');
  let longest = 1;
  for (const word of vocabulary.keys()) longest = Math.max(longest, word.length);
  longest = Math.min(longest, most);
  let largest = 0;
  for (const id of vocabulary.values()) largest = Math.max(largest, id);

  const idsOf = (word: readonly Unit[]): readonly number[] =>
    (word.length > most
      ? null
      : cutWord(
          word.map(({ char }) => char),
          vocabulary,
          prefix,
          longest,
        )) ?? [unknown];
  return {
    ...{ opens, closes, largest },
    encode: (text) => {
      const found = wordsOfUnits(unitsOf(text, normaliser));
      return {
        pieces: found.flatMap((units, word) => idsOf(units).map((id) => ({ id, word }))),
        words: found.map((units) => ({ start: (units[0] as Unit).start, end: (units.at(-1) as Unit).end })),
      };
    },
  };
}

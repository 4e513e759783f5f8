// A folder as an operator would supply it: a tiny model that knows a few invented names, its tokenizer and its labels. Parts of it may be spoiled.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OnnxModel, writeOnnx } from './onnx.ts';

export const LABELS = ['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC', 'B-ORG'] as const;
type Known = (typeof LABELS)[number];

/** Beginnings of words and what follows them; all else is unknown and outside. A word takes the label of its first piece. */
const VOCABULARY: readonly (readonly [string, Known])[] = [
  ['[PAD]', 'O'],
  ['[UNK]', 'O'],
  ['[CLS]', 'O'],
  ['[SEP]', 'O'],
  ['quorra', 'B-PER'],
  ['##zim', 'O'],
  ['veldt', 'I-PER'],
  ['##strom', 'O'],
  ['jose', 'B-PER'],
  ['王', 'B-PER'],
  ['芳', 'I-PER'],
  ['tarn', 'B-LOC'],
  ['##mouth', 'O'],
  ['acmeon', 'B-ORG'],
  [',', 'O'],
  ['.', 'O'],
];

export interface NamesFolder {
  readonly model?: Partial<OnnxModel> | Buffer | null;
  readonly tokenizer?: unknown;
  readonly config?: unknown;
  readonly labels?: unknown;
}

export const tokenizerFile = (change: Readonly<Record<string, unknown>> = {}): object => ({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [{ id: 2, content: '[CLS]', special: true }],
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(VOCABULARY.map(([word], id) => [word, id])),
  },
  ...change,
});

export const configFile = (change: Readonly<Record<string, unknown>> = {}): object => ({
  model_type: 'bert',
  id2label: Object.fromEntries(LABELS.map((label, id) => [String(id), label])),
  max_position_embeddings: 64,
  ...change,
});

export const SCORES: readonly (readonly number[])[] = VOCABULARY.map(([, label]) => LABELS.map((one) => (one === label ? 4 : 0)));

/** Writes it; a part that is null is left out. */
export function writeNamesFolder(folder: string, parts: NamesFolder = {}): string {
  mkdirSync(folder, { recursive: true });
  const { model = {}, tokenizer = tokenizerFile(), config = configFile(), labels = null } = parts;
  if (model !== null) writeFileSync(join(folder, 'model.onnx'), Buffer.isBuffer(model) ? model : writeOnnx({ scores: SCORES, ...model }));
  for (const [file, content] of Object.entries({ 'tokenizer.json': tokenizer, 'config.json': config, 'labels.json': labels }))
    if (content !== null) writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}

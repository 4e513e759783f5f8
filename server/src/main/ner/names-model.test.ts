// The operator's model of names through the code that loads real ones: a tiny ONNX file, made here, in its thread. What it finds stands where it says,
// and whatever is wrong with a folder is told by a code that names the file.

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import { configFile, type NamesFolder, SCORES, tokenizerFile, writeNamesFolder } from '../../../../testkit/names-model/folder.ts';
import { writeOnnx } from '../../../../testkit/names-model/onnx.ts';
import { temporaryFolder } from '../../../../testkit/temporary-folder.ts';
import { configuredNames } from '../compose/names-model.ts';
import { loadConfig } from '../load-config.ts';
import { createLogger } from '../logger.ts';
import { openModelFolder } from './model-folder.ts';
import { type ModelThread, openModelThread } from './model-thread.ts';
import type { NamesModel } from './names-model.ts';

const folder = await temporaryFolder('names-model-');
const threads: ModelThread[] = [];
afterAll(async () => {
  for (const thread of threads) await thread.close();
  await folder.remove();
});

let count = 0;
async function open(parts: NamesFolder = {}): Promise<ModelThread> {
  count += 1;
  const thread = await openModelThread(writeNamesFolder(join(folder.path, `m${count}`), parts));
  threads.push(thread);
  return thread;
}

describe('a model of names', async () => {
  const thread = await open();
  const found = async (text: string): Promise<string[]> =>
    (await thread.read(text)).map(({ start, end, type }) => `${type} ${JSON.stringify(text.slice(start, end))}`);

  it.each([
    ['i am quorrazim veldtstrom, from tarnmouth.', ['PERSON "quorrazim veldtstrom"', 'CITY "tarnmouth"']],
    ['Acmeon sells it', []],
    ['👩‍👩‍👧 quorra 🎉 veldt', ['PERSON "quorra"', 'PERSON "veldt"']],
    ['𝒳𝒳 JOSÉ veldt!', ['PERSON "JOSÉ veldt"']],
    ['Jose\u0301 veldt\u0301', ['PERSON "Jose\u0301 veldt\u0301"']],
    ['订单王芳的', ['PERSON "王芳"']],
    ['quo\u200Drra', ['PERSON "quo\u200Drra"']],
    ['quorra quorra', ['PERSON "quorra"', 'PERSON "quorra"']],
    ['[CLS] [SEP] quorra', ['PERSON "quorra"']],
    ['', []],
    ['\u0000\u0301', []],
  ])('%j holds %j', async (text, spans) => {
    expect(await found(text)).toEqual(spans);
  });

  it('reads a long text in windows and finds a name wherever it stands, once', async () => {
    for (let before = 0; before < 140; before += 3) {
      const text = `${'wort '.repeat(before)}quorrazim veldtstrom${' wort'.repeat(90)}`;
      expect(await found(text), String(before)).toEqual(['PERSON "quorrazim veldtstrom"']);
    }
  });

  it('a text that nobody waits for any more is left, and the next one is read', async () => {
    const control = new AbortController();
    const late = expect(thread.read('wort '.repeat(20_000), control.signal)).rejects.toMatchObject({ code: 'MAIN_NER_LATE' });
    control.abort();
    await late;
    expect(await found('quorra')).toEqual(['PERSON "quorra"']);
  });

  it('everybody who waits is told when the thread ends', async () => {
    const dying = await open();
    const gone = expect(dying.read('wort '.repeat(20_000))).rejects.toMatchObject({ code: 'MAIN_NER_GONE' });
    await dying.close();
    await gone;
    await expect(dying.read('quorra')).rejects.toMatchObject({ code: 'MAIN_NER_GONE' });
    expect(dying.isAlive).toBe(false);
  });

  it('the operator says what labels mean', async () => {
    const own = await open({ labels: { PER: 'USERNAME', LOC: null } });
    expect([...own.types]).toEqual(['USERNAME']);
    expect((await own.read('quorra tarnmouth')).map(({ type }) => type)).toEqual(['USERNAME']);
  });
});

describe('the settings of a server', () => {
  const logger = createLogger('error', () => {});
  const configured = (flags: Record<string, string>): Promise<NamesModel | null> =>
    configuredNames(loadConfig({ flags, env: {}, file: null }), logger);

  it('open a model only where one is set and calls of programs are served; one that can not be used stops the start', async () => {
    expect(await configured({})).toBeNull();
    const model = writeNamesFolder(join(folder.path, 'set'));
    expect(await configured({ '--ner-model': model, '--serve': 'control' })).toBeNull();
    await expect(configured({ '--ner-model': join(folder.path, 'nowhere') })).rejects.toMatchObject({ code: 'MAIN_NER_FILE' });
    const opened = await configured({ '--ner-model': model, '--ner-required': 'true', '--ner-deadline-ms': '20000' });
    expect([opened?.isRequired, [...(opened?.types ?? [])]]).toEqual([true, ['PERSON', 'CITY']]);
    const found = await opened?.find('tnt_1' as TenantId, ['quorra', 'wort']);
    expect([...(found ?? [])].map(([text, spans]) => [text, spans.length])).toEqual([
      ['quorra', 1],
      ['wort', 0],
    ]);
    await opened?.close();
  });
});

describe('on the command line', () => {
  const program = fileURLToPath(new URL('../../../../bin/sallyport.js', import.meta.url));
  const run = promisify(execFile);
  const typed = async (row: object, ...argv: string[]): Promise<{ code: number; out: Record<string, unknown>; err: string }> => {
    const file = join(folder.path, 'in.jsonl');
    writeFileSync(file, `${JSON.stringify(row)}\n`);
    return run(process.execPath, [program, ...argv, '--json', file]).then(
      ({ stdout, stderr }) => ({ code: 0, out: JSON.parse(stdout), err: stderr }),
      ({ code, stderr }) => ({ code, out: {}, err: stderr }),
    );
  };
  const words = 'parcel for quorrazim veldtstrom 😀, write to ottavia@example.com';

  it('scan pii, tokenize and back with what only the model finds', async () => {
    const model = writeNamesFolder(join(folder.path, 'typed'));
    expect((await typed({ id: 1, text: words }, 'scan', 'pii')).out.spans).toMatchObject([{ type: 'EMAIL' }]);
    const scanned = await typed({ id: 1, text: words }, 'scan', 'pii', '--ner', model);
    expect(scanned.out.spans).toMatchObject([{ start: 11, end: 31, type: 'PERSON', confidence: 0.99 }, { type: 'EMAIL' }]);
    const { out } = await typed({ id: 1, messages: [{ role: 'user', content: words }] }, 'tokenize', '--ner', model);
    expect(out.messages).toEqual([{ role: 'user', content: 'parcel for <PERSON_1> 😀, write to <EMAIL_1>' }]);
    expect((await typed(out, 'tokenize', '--restore')).out.messages).toEqual([{ role: 'user', content: words }]);
  });

  it('a folder that can not be used ends it with its code', async () => {
    const broken = await typed({ id: 1, text: words }, 'scan', 'pii', '--ner', join(folder.path, 'nowhere'));
    expect(broken.code).toBe(3);
    expect(broken.err).toContain('MAIN_NER_FILE');
    expect(broken.err).toContain('config.json');
  });
});

describe('a folder that can not be used is told by its code and file', () => {
  const vocabulary = (tokenizerFile() as { model: object }).model;
  const cut = writeOnnx({ scores: SCORES });
  it.each<[string, NamesFolder, string, string]>([
    ['no model', { model: null }, 'MAIN_NER_FILE', 'model.onnx'],
    ['no tokenizer', { tokenizer: null }, 'MAIN_NER_FILE', 'tokenizer.json'],
    ['no config', { config: null }, 'MAIN_NER_FILE', 'config.json'],
    ['a config that is no JSON', { config: '{' }, 'MAIN_NER_FILE', 'config.json'],
    ['a model cut short', { model: cut.subarray(0, cut.length - 40) }, 'MAIN_NER_MODEL', 'model.onnx'],
    ['a model that is a text', { model: Buffer.from('version https://git-lfs') }, 'MAIN_NER_MODEL', 'model.onnx'],
    ['an operator set nobody knows', { model: { opset: 9_999 } }, 'MAIN_NER_MODEL', 'model.onnx'],
    ['an input of its own', { model: { inputs: ['input_ids', 'pixels'] } }, 'MAIN_NER_MODEL', 'model.onnx'],
    ['inputs of another type', { model: { inputs: ['input_ids'], inputType: 6 } }, 'MAIN_NER_MODEL', 'model.onnx'],
    ['a vocabulary smaller than the tokenizer’s', { model: { scores: SCORES.slice(0, 8) } }, 'MAIN_NER_MODEL', 'model.onnx'],
    ['fewer scores than labels', { model: { scores: SCORES.map((row) => row.slice(0, 4)) } }, 'MAIN_NER_MODEL', 'model.onnx'],
    [
      'a tokenizer of another kind',
      { tokenizer: tokenizerFile({ model: { ...vocabulary, type: 'Unigram' } }) },
      'DLP_NER_TOKENIZER',
      'tokenizer.json',
    ],
    ['another normalizer', { tokenizer: tokenizerFile({ normalizer: { type: 'NFC' } }) }, 'DLP_NER_TOKENIZER', 'tokenizer.json'],
    [
      'another pre-tokenizer',
      { tokenizer: tokenizerFile({ pre_tokenizer: { type: 'Metaspace' } }) },
      'DLP_NER_TOKENIZER',
      'tokenizer.json',
    ],
    [
      'a vocabulary without [CLS]',
      { tokenizer: tokenizerFile({ model: { ...vocabulary, vocab: { '[UNK]': 0 } } }) },
      'DLP_NER_TOKENIZER',
      'tokenizer.json',
    ],
    ['no labels', { config: configFile({ id2label: undefined }) }, 'DLP_NER_LABELS', 'config.json'],
    ['labels with a gap', { config: configFile({ id2label: { 0: 'O', 2: 'B-PER' } }) }, 'DLP_NER_LABELS', 'config.json'],
    ['labels nobody knows', { config: configFile({ id2label: { 0: 'O', 1: 'B-GENE' } }) }, 'DLP_NER_LABELS', 'config.json'],
    ['an own map to a type that is none', { labels: { PER: 'CARD' } }, 'DLP_NER_LABELS', 'labels.json'],
    ['an own map of a label that is not there', { labels: { HUMAN: 'PERSON' } }, 'DLP_NER_LABELS', 'labels.json'],
  ])('%s', async (_what, parts, code, file) => {
    count += 1;
    const fault = await openModelFolder(writeNamesFolder(join(folder.path, `m${count}`), parts)).then(
      () => null,
      (error: { code?: string; message: string }) => error,
    );
    expect([fault?.code, fault?.message]).toEqual([code, expect.stringContaining(file)]);
  });

  it('and the thread says so too', async () => {
    await expect(open({ model: Buffer.from('nothing') })).rejects.toMatchObject({
      code: 'MAIN_NER_MODEL',
      message: expect.stringContaining('model.onnx'),
    });
  });

  it('the package that runs models is named exactly as it is tested', () => {
    const { peerDependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(readFileSync(new URL('./session.ts', import.meta.url), 'utf8')).toContain(
      `onnxruntime-web@${peerDependencies['onnxruntime-web']}`,
    );
  });
});

// What is done with the key file at the machine, without asking a server: the recovery kit, recovering from it, and how the file is sealed.

import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SallyportError } from '#core';
import { keyOfKit, kitOf, readKeyFile, readSeal, recoverKeyFile, replaceKeyFile, type Seal } from '#vault';
import type { CommandIo, ParsedOptions } from './command-io.ts';
import { currentUser, foldersOf } from './folders.ts';
import { keyFileOf } from './key-sealer.ts';
import { writePrivate } from './secret-file.ts';
import type { Config } from './settings.ts';
import { systemRandom } from './world.ts';

type Asking = CommandIo & { ask(question: string): Promise<string | null> };

const usage = (message: string): SallyportError => new SallyportError('MAIN_USAGE', message);
const textOf = (parsed: ParsedOptions, name: string): string | null => {
  const value = parsed.options[name];
  return typeof value === 'string' ? value : null;
};
const PER_LINE = 5;

/** Whether the kit of this key was printed before: a mark beside it, which holds its id and nothing of it. */
async function printedFor(path: string): Promise<string> {
  return existsSync(path) ? (await readFile(path, 'utf8')).trim() : '';
}

/** `record` is asked before a character is printed: what can not be recorded is not printed. */
async function recoveryKit(
  parsed: ParsedOptions,
  config: Config,
  io: Asking,
  record: (again: boolean) => Promise<string | null>,
): Promise<0 | 1> {
  const folders = foldersOf(config, currentUser());
  const location = keyFileOf(config, folders);
  const seal = await readSeal(location);
  if (seal === null) throw usage(`There is no key file at ${location.path}; start the server first.`);
  const mark = join(dirname(location.path), 'recovery-kit-printed');
  const again = (await printedFor(mark)) === seal.id;
  if (again && parsed.options['--again'] !== true) {
    throw usage(
      'The kit of this key was printed already. If that paper is lost, rotate the key (sallyport keys rotate --file); or print it once more with --again.',
    );
  }
  const known = await record(again);
  if (known !== null && known !== seal.id)
    throw usage('The running server uses another key file than the one here; name its folder with --secrets-dir.');
  const master = await readKeyFile(location);
  if (master === null) throw usage(`There is no key file at ${location.path}.`);
  const groups = kitOf(master.key);
  writePrivate(mark, `${seal.id}\n`);
  if (parsed.options['--json'] === true) io.out(JSON.stringify({ key: seal.id, groups }, null, 2));
  else {
    io.out(`Recovery kit of Sallyport, key ${seal.id}`);
    io.out(
      'Whoever has this can open everything this installation and its backups keep. Put it on paper, in two places, and nowhere else.\n',
    );
    for (let at = 0; at < groups.length; at += PER_LINE) {
      io.out(
        groups
          .slice(at, at + PER_LINE)
          .map((group, nth) => `${String(at + nth + 1).padStart(2)}  ${group}`)
          .join('   '),
      );
    }
    io.out(
      '\nWith it: sallyport keys recover. Needed beside it: vault-epochs and vault-survivors, from the secrets folder or from beside the backups.',
    );
  }
  return 0;
}

async function recover(parsed: ParsedOptions, config: Config, io: Asking): Promise<0 | 1> {
  const location = keyFileOf(config, foldersOf(config, currentUser()));
  const from = textOf(parsed, '--from');
  const typed = from === null ? await io.ask('Type the thirteen groups of the kit, in order: ') : await readFile(from, 'utf8');
  if (typed === null) throw usage('Type the kit, or give a file with --from.');
  const kit = keyOfKit(typed);
  await mkdir(dirname(location.path), { recursive: true, mode: 0o700 });
  const told = textOf(parsed, '--key');
  /** The id is a hash of the whole key, and stands at the top of the paper. */
  const isRight = async (id: string): Promise<boolean> => {
    if (told !== null) return told.trim() === id;
    const question = `Nothing is left here to compare it with: no key file, no key box, no copy that it opens. The id of the key you typed is ${id}. Is that what stands at the top of the kit? Type yes: `;
    return (await io.ask(question))?.trim() === 'yes';
  };
  const changed = await recoverKeyFile(location, kit, { random: systemRandom, isRight });
  if (parsed.options['--json'] === true) io.out(JSON.stringify({ key: kit.id, changed }, null, 2));
  else
    io.out(
      changed
        ? `The key ${kit.id} is in ${location.path}, in clear, mode 0600. Start the server; seal it again with: sallyport keys seal`
        : 'The key file is there and is the one of this kit; nothing was changed.',
    );
  return 0;
}

function wantedSeal(parsed: ParsedOptions): Seal {
  const by = textOf(parsed, '--by');
  const need = (name: string): string => {
    const value = textOf(parsed, name);
    if (value === null) throw usage(`--by ${by} needs ${name}.`);
    return value;
  };
  if (by === 'file' || by === 'passphrase') return { by };
  if (by === 'aws-kms') {
    const endpoint = textOf(parsed, '--endpoint');
    return { by, region: need('--region'), key: need('--key'), ...(endpoint === null ? {} : { endpoint }) };
  }
  if (by === 'transit') {
    const namespace = textOf(parsed, '--namespace');
    const mount = textOf(parsed, '--mount') ?? 'transit';
    return { by, address: need('--endpoint'), mount, key: need('--key'), ...(namespace === null ? {} : { namespace }) };
  }
  throw usage('Say how the key file is to be sealed: --by file, passphrase, aws-kms or transit.');
}

/** The same key under another seal: nothing that it wraps changes, so servers may run meanwhile. */
async function seal(parsed: ParsedOptions, config: Config, io: Asking): Promise<0 | 1> {
  const location = keyFileOf(config, foldersOf(config, currentUser()));
  const wanted = wantedSeal(parsed);
  const there = await readSeal(location);
  // Changing the passphrase: the old one is read from the settings, the new one from its own place.
  const newFile = textOf(parsed, '--new-passphrase-file');
  const master = await readKeyFile(location);
  if (master === null || there === null) throw usage(`There is no key file at ${location.path}; start the server first.`);
  const sealing = newFile === null ? location : keyFileOf({ ...config, passphraseFile: newFile }, foldersOf(config, currentUser()));
  const fresh =
    newFile === null && wanted.by === 'passphrase' && there.seal.by === 'passphrase'
      ? keyFileOf(config, foldersOf(config, currentUser()))
      : sealing;
  await replaceKeyFile(fresh, { key: master.key, of: master.id, wanted }, systemRandom);
  if (parsed.options['--json'] === true) io.out(JSON.stringify({ key: master.id, sealedBy: wanted.by, before: there.seal.by }, null, 2));
  else
    io.out(
      `The key file is sealed by ${wanted.by} now (before: ${there.seal.by}). Copies of the old file still open as they did: destroy them.`,
    );
  return 0;
}

export const keysHere = { recoveryKit, recover, seal } as const;

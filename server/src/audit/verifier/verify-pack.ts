// The order of the checks, and the verdict. FORMAT.md section 5.
// INVARIANT: every byte of a pack is checked; what can not be checked fails.

import { checkSelection } from './check-selection.ts';
import { checkTree } from './check-tree.ts';
import type { Progress } from './events.ts';
import { type History, openHistory } from './history.ts';
import { isSignedByLogAlone, type KeyChain, type Note, openNote, parseVerifierKey } from './note.ts';
import { checkNames, type Manifest, openSums, readManifest, type Shows, type Sums } from './pack.ts';
import { type Policy, parsePolicy } from './policy.ts';
import { inFile, Unverified } from './unverified.ts';
import { DIRECTORY, openZip, type Zip } from './zip.ts';

const MAX_SIGNATURE_BYTES = 64 * 1024;
const SIGNATURE = 'signature.note';

export interface VerifyOptions {
  /** Verifier key of the log, got by another way than the pack. Without it the pack vouches for itself. */
  readonly trustedKey?: string;
  /** What an auditor kept: a receipt, or a signed checkpoint of the global tree. The pack must continue it. */
  readonly savedCheckpoint?: string;
  /** Text of a witness policy (c2sp.org/tlog-policy) that the checkpoint must meet. */
  readonly policy?: string;
  /** Told now and then how many events were checked, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Verdict {
  readonly ok: boolean;
  /** `VERIFIED`, or what is wrong. */
  readonly code: string;
  readonly message: string;
  /** First sequence number that is missing, changed or out of place, when one can be named. */
  readonly firstBad: number | null;
  /** File of the pack in which it shows, when one can be named. */
  readonly badFile: string | null;
  /** Events of the pack below this number are proven intact even when the pack as a whole is not. */
  readonly provenUpTo: number;
  readonly keyTrusted: boolean;
  readonly continuesSaved: boolean;
  /** Witnesses of the policy that signed, by their names in it; null without a policy. */
  readonly witnesses: readonly { readonly name: string; readonly at: string }[] | null;
  /** Size of the checkpoint that they signed, at most `globalSize`: what came after it they have not seen. Null without a policy. */
  readonly witnessedSize: number | null;
  readonly tenant: string | null;
  /** `whole`: nothing is missing. `range`: nothing is missing between two numbers. `selection`: completeness is not shown. */
  readonly shows: Shows | null;
  readonly range: { readonly from: number; readonly to: number } | null;
  /** Events of the range that happened outside its time and stand in it because of their number. */
  readonly outsideTime: number;
  /** Events in the pack; of a range, with its neighbours. */
  readonly events: number;
  /** Events of the tenant under the checkpoint. */
  readonly size: number;
  /** Events recorded but not yet sealed at the time of the export, as the log stated. */
  readonly unsealed: number | null;
  readonly epoch: number | null;
  readonly globalSize: number | null;
  /** What to keep for the next time; null unless verified. */
  readonly receipt: string | null;
}

function receiptOf(manifest: Manifest, { note, heads }: History): string {
  const { size = 0, root = Buffer.alloc(0), index = 0, path = [] } = heads.at(-1) ?? {};
  const head = { size, root: root.toString('base64'), index, path: path.map((entry) => entry.toString('base64')) };
  return `${JSON.stringify({ format: 'sallyport-audit-receipt', version: 1, tenant: manifest.tenant, note, head })}\n`;
}

function openSignature(zip: Zip, manifest: Manifest, chain: KeyChain): Note {
  try {
    return openNote(zip.read(SIGNATURE, MAX_SIGNATURE_BYTES).toString('utf8'), manifest.origin, chain);
  } catch (failure) {
    throw inFile(failure, SIGNATURE);
  }
}

/** The signature over the list of digests and over every byte before it: whatever no tree covers. */
async function checkSignature(zip: Zip, sums: Sums, manifest: Manifest, { chain }: History): Promise<void> {
  const listed = await sums.compare();
  const note = openSignature(zip, manifest, chain);
  const [head, digest, bytes, ...rest] = note.text.split('\n');
  if (!isSignedByLogAlone(note, manifest.origin, chain) || head !== `${manifest.origin}/pack` || rest.join('|') !== '') {
    throw new Unverified('PACK_CHANGED', 'The events are intact, but the pack was not signed by its log.', { file: SIGNATURE });
  }
  if (digest !== listed)
    throw new Unverified('PACK_CHANGED', 'The events are intact, but the list of digests was changed.', { file: 'SHA256SUMS' });
  if (bytes !== zip.digestBefore(SIGNATURE)) {
    throw new Unverified('PACK_REPACKED', 'Every file is as it was exported, but the zip around them was written anew.', {
      file: DIRECTORY,
    });
  }
}

/** The key to trust: the one that was given, or that of this log in the policy. */
function trustedKeyOf({ trustedKey }: VerifyOptions, policy: Policy | null, manifest: Manifest): string | null {
  if (trustedKey !== undefined) return trustedKey.trim();
  if (policy === null || policy.logs.length === 0) return null;
  const name = parseVerifierKey(String(manifest.keys[0])).name;
  const known = policy.logs.find((log) => parseVerifierKey(log).name === name);
  if (known === undefined) throw new Unverified('CHECKPOINT_FOREIGN', 'The policy does not name the log of this pack.');
  return known;
}

interface Found {
  manifest: Manifest | null;
  history: History | null;
}

function readManifestFile(zip: Zip): Manifest {
  try {
    return readManifest(zip);
  } catch (failure) {
    throw inFile(failure, 'manifest.json');
  }
}

async function check(zip: Zip, options: VerifyOptions, progress: Progress, found: Found): Promise<void> {
  const manifest = readManifestFile(zip);
  found.manifest = manifest;
  checkNames(zip, manifest);
  const sums = openSums(zip);
  const policy = options.policy === undefined ? null : parsePolicy(options.policy);
  const trustedKey = trustedKeyOf(options, policy, manifest);
  try {
    const history = await openHistory(sums, manifest, zip.names, { trustedKey, savedCheckpoint: options.savedCheckpoint ?? null, policy });
    found.history = history;
    await (manifest.shows === 'selection' ? checkSelection : checkTree)(sums, manifest, history, progress);
    await checkSignature(zip, sums, manifest, history);
  } catch (failure) {
    throw inFile(failure, sums.current);
  }
}

const MESSAGES: Readonly<Record<Shows, string>> = {
  whole: 'Every event is intact, in place and under the signature; none is missing.',
  range: 'Every event is intact and under the signature; none is missing between the first and the last number.',
  selection: 'Every event is intact and under the signature. A selection does not show whether others were left out.',
};

/** Checks a pack. Throws only when the file can not be read. */
export async function verifyPack(path: string, options: VerifyOptions = {}): Promise<Verdict> {
  const found: Found = { manifest: null, history: null };
  const onEvents = (done: number): void => options.onProgress?.(done, found.manifest?.events ?? done);
  const progress: Progress = { proven: 0, done: 0, outside: 0, onEvents };
  let failure: Unverified | null = null;
  let zip: Zip | null = null;
  try {
    zip = openZip(path);
    await check(zip, options, progress, found);
  } catch (caught) {
    if (!(caught instanceof Unverified)) throw caught;
    failure = caught;
  } finally {
    zip?.close();
  }
  const { manifest, history } = found;
  const times = [...(history?.witnessed?.by ?? [])].map(([name, at]) => ({ name, at: new Date(at * 1000).toISOString() }));
  return {
    ok: failure === null,
    code: failure?.code ?? 'VERIFIED',
    message: failure?.message ?? MESSAGES[manifest?.shows ?? 'whole'],
    firstBad: failure?.seq ?? null,
    badFile: failure?.file ?? null,
    provenUpTo: progress.proven,
    keyTrusted: failure === null && history?.isKeyTrusted === true,
    continuesSaved: failure === null && options.savedCheckpoint !== undefined,
    witnesses: options.policy === undefined ? null : times,
    witnessedSize: history?.witnessed?.size ?? null,
    tenant: manifest?.tenant ?? null,
    shows: manifest?.shows ?? null,
    range: manifest?.range ?? null,
    outsideTime: progress.outside,
    events: manifest?.events ?? 0,
    size: manifest?.size ?? 0,
    unsealed: manifest?.unsealed ?? null,
    epoch: manifest?.epoch ?? null,
    globalSize: history?.checkpoint.size ?? null,
    receipt: failure === null && manifest !== null && history !== null ? receiptOf(manifest, history) : null,
  };
}

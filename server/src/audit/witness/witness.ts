// The witness itself: takes `add-checkpoint` requests (c2sp.org/tlog-witness) and cosigns a checkpoint only when it continues the last one it
// cosigned for that log. INVARIANT: looking at the last one and storing the next are one step; two histories are never both cosigned.

import { type Clock, SallyportError } from '#core';
import { isConsistent } from './consistency.ts';
import { createEvidence } from './evidence.ts';
import { loadWitnessKey } from './key-file.ts';
import { type AddCheckpoint, parseRequest } from './request.ts';
import { ED25519, isSignedBy, parseVerifierKey, type VerifierKey } from './signed-note.ts';
import { openWitnessState, originHash, type Remembered } from './state.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface Witness {
  readonly name: string;
  readonly verifierKey: string;
  /** Origins it knows. */
  readonly origins: readonly string[];
  addCheckpoint(body: Uint8Array): Promise<Answer>;
  /** The newest checkpoint it cosigned for a log, with log's and own signatures; null when there is none. */
  checkpoint(originHash: string): Promise<string | null>;
}

export interface WitnessOptions {
  readonly folder: string;
  /** Verifier keys of the logs. Several of one name are the keys of one log while it changes them. */
  readonly logs: readonly string[];
  readonly clock: Clock;
  /** Told of what it refused to cosign although the log had signed it. */
  readonly onMisbehaviour?: (origin: string, evidence: string | null) => void;
}

/** Somebody else stored a checkpoint in the same moment: look again. More often than this nobody does. */
const MAX_ROUNDS = 5;
const PLAIN = 'text/plain; charset=utf-8';
const SIZE = 'text/x.tlog.size';

const say = (status: number, text: string): Answer => ({ status, type: PLAIN, body: `${text}\n` });

function keysByOrigin(texts: readonly string[]): ReadonlyMap<string, readonly VerifierKey[]> {
  const logs = new Map<string, VerifierKey[]>();
  for (const [index, text] of texts.entries()) {
    const key = parseVerifierKey(text);
    if (key === null || key.type !== ED25519) {
      throw new SallyportError(
        'AUDIT_WITNESS_LOG_KEY_INVALID',
        `Log key ${index + 1} is not an Ed25519 verifier key of the form name+id+key; \`sallyport audit status\` prints the one of a server.`,
      );
    }
    logs.set(key.name, [...(logs.get(key.name) ?? []), key]);
  }
  return logs;
}

export async function openWitness(options: WitnessOptions): Promise<Witness> {
  const cosigner = loadWitnessKey(options.folder);
  const logs = keysByOrigin(options.logs);
  const state = openWitnessState(options.folder, cosigner.key);
  const evidence = createEvidence(options.folder);
  // Refuses to start on a damaged memory, rather than at the first request.
  for (const origin of logs.keys()) await state.load(originHash(origin));
  const tails = new Map<string, Promise<unknown>>();

  /** One request of a log after the other. */
  function inTurn<T>(origin: string, work: () => Promise<T>): Promise<T> {
    const done = (tails.get(origin) ?? Promise.resolve()).then(work);
    tails.set(
      origin,
      done.catch(() => undefined),
    );
    return done;
  }

  /** Keeps what speaks against the log. A proof that is wrong for a tree that needs none is a slip of whoever sent it. */
  async function accuse({ text, note, checkpoint }: AddCheckpoint, { checkpoint: known, note: cosigned }: Remembered): Promise<void> {
    if (known !== null && known.size === checkpoint.size && known.root.equals(checkpoint.root)) return;
    const refused = keepSignatures(text, note.signatures, logs.get(checkpoint.origin) ?? []);
    const kind = known?.size === checkpoint.size ? 'fork' : 'unproven';
    const kept = await evidence.keep({ kind, log: originHash(checkpoint.origin), refused, cosigned });
    options.onMisbehaviour?.(checkpoint.origin, kept);
  }

  /** Null when somebody else stored a checkpoint since `last` was read. */
  async function round(request: AddCheckpoint, last: Remembered): Promise<Answer | null> {
    const { oldSize, proof, note, checkpoint } = request;
    const known = last.checkpoint ?? { origin: checkpoint.origin, size: 0n, root: Buffer.alloc(0) };
    if (oldSize !== known.size) return { status: 409, type: SIZE, body: `${known.size}\n` };
    if (!isConsistent(known, checkpoint, proof)) {
      await accuse(request, last);
      return say(422, 'The proof does not lead from the last cosigned checkpoint to this one.');
    }
    const line = cosigner.cosign(note.text, Math.floor(options.clock.now() / 1_000));
    const kept = keepSignatures(request.text, note.signatures, logs.get(checkpoint.origin) ?? []);
    return (await state.store(originHash(checkpoint.origin), last, kept + line)) ? { status: 200, type: PLAIN, body: line } : null;
  }

  return {
    name: cosigner.name,
    verifierKey: cosigner.verifierKey,
    origins: [...logs.keys()],
    async addCheckpoint(body) {
      const request = parseRequest(body);
      if (request === null) return say(400, 'The request is not of the form of add-checkpoint.');
      const { origin, size } = request.checkpoint;
      const trusted = logs.get(origin);
      if (trusted === undefined) return say(404, 'This witness does not know that log.');
      if (!isSignedBy(request.note, trusted)) return say(403, 'No known key of the log has signed this checkpoint.');
      if (request.oldSize > size) return say(400, 'The old size is larger than the checkpoint.');
      return inTurn(origin, async () => {
        for (let at = 0; at < MAX_ROUNDS; at += 1) {
          const answer = await round(request, await state.load(originHash(origin)));
          if (answer !== null) return answer;
        }
        return say(503, 'Another process of this witness is storing checkpoints; try again.');
      });
    },
    checkpoint: async (hash) => (await state.load(hash)).note,
  };
}

/** The note with the lines the witness has checked: what others put below it is not handed on under our name. */
function keepSignatures(text: string, lines: readonly { name: string; id: Buffer }[], trusted: readonly VerifierKey[]): string {
  const at = text.lastIndexOf('\n\n') + 2;
  const rows = text.slice(at, -1).split('\n');
  const kept = rows.filter((_, index) => trusted.some((key) => key.name === lines[index]?.name && key.id.equals(lines[index].id)));
  return `${text.slice(0, at)}${kept.join('\n')}\n`;
}

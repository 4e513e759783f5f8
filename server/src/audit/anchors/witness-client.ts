// The log's side of c2sp.org/tlog-witness: shows a witness a checkpoint with the proof that it continues the last one the witness cosigned,
// and believes the answer only after its cosignature was checked. A witness that says our history is another one is never argued with.

import { openCosignature } from '../witness/cosignature.ts';
import { decodeSize, parseNote, type SignedNote, type VerifierKey } from '../witness/signed-note.ts';
import { type Anchor, type AnchorOutcome, type AnchorPost, type AnchorReply, faultCode, type SignedCheckpoint } from './anchor.ts';

export interface WitnessClientDeps {
  /** Its name in the policy. */
  readonly name: string;
  readonly key: VerifierKey;
  /** Submission prefix. */
  readonly url: string;
  readonly post: AnchorPost;
  /** The size this witness cosigned last in an epoch, as far as we know; a wrong guess costs one more request. */
  readonly knownSize: (epoch: number) => Promise<number>;
}

/** What it knows, what we guessed, and one more in case another process of ours was faster. */
const MAX_ROUNDS = 3;

function requestBody(from: number, proof: readonly Buffer[], note: string): Buffer {
  return Buffer.from(`old ${from}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}`);
}

function readCosignature(reply: AnchorReply, checkpoint: SignedCheckpoint, key: VerifierKey): AnchorOutcome {
  const text = Buffer.from(reply.body).toString('utf8');
  // A note made of our text and the witness's lines alone: our own signature proves nothing about its answer.
  const note: SignedNote | null = parseNote(`${checkpoint.note.slice(0, checkpoint.note.lastIndexOf('\n\n') + 2)}${text}`);
  const line = text.split('\n').find((one) => one.startsWith(`\u2014 ${key.name} `) && isOfKey(one, key));
  const seconds = note === null ? null : openCosignature(note, key);
  if (seconds === null || line === undefined) return { kind: 'fault', code: 'AUDIT_WITNESS_REPLY_INVALID' };
  return { kind: 'seen', cosignature: { line, atMs: seconds * 1_000 } };
}

function isOfKey(line: string, key: VerifierKey): boolean {
  return Buffer.from(line.slice(line.lastIndexOf(' ') + 1), 'base64')
    .subarray(0, key.id.length)
    .equals(key.id);
}

/** What a status other than 200 and 409 means for the log. */
function refusalCode(status: number): string {
  if (status === 404) return 'AUDIT_WITNESS_LOG_UNKNOWN';
  if (status === 403) return 'AUDIT_WITNESS_LOG_KEY_UNKNOWN';
  if (status === 422) return 'AUDIT_WITNESS_FORK';
  return status >= 400 && status < 500 && status !== 429 ? 'AUDIT_WITNESS_REPLY_INVALID' : 'AUDIT_ANCHOR_UNAVAILABLE';
}

export function createWitnessAnchor({ name, key, url, post, knownSize }: WitnessClientDeps): Anchor {
  async function ask(checkpoint: SignedCheckpoint, from: number, proof: readonly Buffer[]): Promise<AnchorReply> {
    const body = requestBody(from, proof, checkpoint.note);
    return post({ url: `${url}/add-checkpoint`, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });
  }
  return {
    name,
    kind: 'witness',
    isRequired: false,
    async push(checkpoint, source) {
      try {
        let from = Math.min(await knownSize(checkpoint.epoch), checkpoint.size);
        for (let round = 0; round < MAX_ROUNDS; round += 1) {
          const reply = await ask(checkpoint, from, from === 0 || from === checkpoint.size ? [] : await source.prove(from));
          if (reply.status === 200) return readCosignature(reply, checkpoint, key);
          if (reply.status !== 409) return { kind: 'fault', code: refusalCode(reply.status) };
          const size = /^text\/x\.tlog\.size\b/.test(reply.contentType)
            ? decodeSize(Buffer.from(reply.body).toString('latin1').replace(/\n$/, ''))
            : null;
          if (size === null) return { kind: 'fault', code: 'AUDIT_WITNESS_REPLY_INVALID' };
          // It has cosigned more of this ledger than there is: another process has just shown it more, or this database is an older copy.
          if (size > BigInt(checkpoint.size)) return { kind: 'fault', code: 'AUDIT_WITNESS_AHEAD' };
          from = Number(size);
        }
        return { kind: 'fault', code: 'AUDIT_ANCHOR_UNAVAILABLE' };
      } catch (fault) {
        return { kind: 'fault', code: faultCode(fault) };
      }
    },
  };
}

// The body of add-checkpoint: `old <size>`, proof lines, an empty line, the checkpoint. Strict: a line ends in a newline, base64 is canonical.

import { type Checkpoint, decodeHash, decodeSize, parseCheckpoint, parseNote, type SignedNote } from './signed-note.ts';

/** The protocol's own bound. */
const MAX_PROOF_LINES = 63;
/** Room for a checkpoint with sixteen post-quantum signatures of five kilobytes. */
export const MAX_BODY_BYTES = 128 * 1024;

export interface AddCheckpoint {
  readonly oldSize: bigint;
  readonly proof: readonly Buffer[];
  /** The signed note as it came. */
  readonly text: string;
  readonly note: SignedNote;
  readonly checkpoint: Checkpoint;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(body: Uint8Array): string | null {
  try {
    return decoder.decode(body);
  } catch {
    return null;
  }
}

export function parseRequest(body: Uint8Array): AddCheckpoint | null {
  const text = body.byteLength > MAX_BODY_BYTES ? null : decode(body);
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return null;
  const [first = '', ...proofLines] = text.slice(0, end).split('\n');
  const oldSize = first.startsWith('old ') ? decodeSize(first.slice('old '.length)) : null;
  const proof = proofLines.length > MAX_PROOF_LINES ? [null] : proofLines.map(decodeHash);
  const noteText = text.slice(end + 2);
  const note = parseNote(noteText);
  const checkpoint = note === null ? null : parseCheckpoint(note.text);
  if (oldSize === null || note === null || checkpoint === null) return null;
  return proof.every((hash) => hash !== null) ? { oldSize, proof, text: noteText, note, checkpoint } : null;
}

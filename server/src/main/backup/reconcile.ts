// What was lost between the state that was restored and the last checkpoint known outside the database, read from two signed notes.
// It believes neither: who signed them is checked when the new epoch begins.

import { epochOf, parseCheckpoint, parseNote } from '#audit';
import type { JsonObject } from '#core';

interface Stand {
  readonly epoch: number;
  readonly size: number;
}

/** Epoch and size of a note of the global tree; null when it is none. */
export function standOf(note: string | null): Stand | null {
  const parsed = note === null ? null : parseNote(note);
  const checkpoint = parsed === null ? null : parseCheckpoint(parsed.text);
  if (checkpoint === null) return null;
  const first = /^(sallyport\.local\/log\/[0-9a-f]{16})/.exec(checkpoint.origin)?.[1];
  const epoch = first === undefined ? null : epochOf(first, checkpoint.origin);
  return epoch === null ? null : { epoch, size: checkpoint.size };
}

export interface Loss {
  /** Leaves of the global tree that are gone, each the sealing of one tenant's newest events; null when nothing later is known. */
  readonly sealings: number | null;
  readonly report: JsonObject;
}

export function lossBetween(restored: string | null, witnessed: string | null): Loss {
  const [was, last] = [standOf(restored), standOf(witnessed)];
  const stand = (at: Stand | null): JsonObject | null => (at === null ? null : { epoch: at.epoch, size: at.size });
  const base = { restored: stand(was), witnessed: stand(last) };
  if (last === null) return { sealings: null, report: { ...base, lost: null } };
  const epoch = was?.epoch ?? 1;
  const size = was?.size ?? 0;
  // A later epoch is gone whole; how far the restored one had come when it ended is not in the note.
  const lost = last.epoch === epoch ? [{ epoch, sealings: Math.max(0, last.size - size) }] : [{ epoch: last.epoch, sealings: last.size }];
  return { sealings: lost.reduce((sum, one) => sum + one.sealings, 0), report: { ...base, lost } };
}

// What a surface brings that waits for no reply, or calls no model.

import type { ModelProtocol, Reply } from './types.ts';

/** Stored calls are connector calls; a model protocol is never asked for. */
export const NO_MODEL: ModelProtocol = {
  declaredTools: () => [],
  transformWhole: (raw) => raw,
  openStream: () => {
    throw new Error('a stored call is a connector call');
  },
};

/** Whoever asks reads nothing of the answer. */
export const NO_REPLY: Reply = { begin: () => {}, write: () => true, onDrain: () => {}, end: () => {} };

// What a screen says of each piece of a reply.

import type { Refusal } from '#core';
import type { Signal } from './signal.ts';

export interface Screened {
  readonly release: string;
  readonly findings: readonly Signal[];
}

export type TextVerdict = Screened | Refusal;

export interface TextScreen {
  push(text: string): TextVerdict;
  end(): TextVerdict;
}

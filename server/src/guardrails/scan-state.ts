// What a scan of reply text carries from one character to the next, and the steps its readers can take.
// Every reader decides by text alone, never by where a chunk ended: undecided means `wait`.

import type { Refusal } from '#core';
import type { OutputPolicy } from './link-rules.ts';
import type { SignalKind } from './signal.ts';

/** The text at hand. Readers may look back before `at`, and ahead up to `end`; `final` says that nothing follows `end`. */
export interface View {
  readonly text: string;
  readonly end: number;
  readonly final: boolean;
}

export type Step =
  | { readonly kind: 'wait' }
  /** Releases the text up to `to` as it is. */
  | { readonly kind: 'pass'; readonly to: number }
  | { readonly kind: 'replace'; readonly to: number; readonly by: string; readonly signal: SignalKind | null }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

export interface ScanState {
  readonly policy: OutputPolicy;
  /** Open fence of a code block: its mark and length. Within it only addresses matter. */
  fence: string | null;
  /** A tag was released since the last blank line: Markdown may read what follows as raw HTML, where no code is. */
  html: boolean;
  /** A construct that can hold raw HTML over blank lines was released: no fence is trusted any more. */
  rawHtml: boolean;
  /** An image whose description could not be read stands open: the next destination is judged as one that loads by itself. */
  imageOpen: boolean;
  /** A `<` that could begin a tag was released as text: attributes that load or run are not released until `>`. */
  angleOpen: boolean;
  /** The rest of an overlong address is being dropped. */
  dropping: boolean;
  lineBlank: boolean;
  /** True inside code: a fence or a code span. */
  readonly codeOnly: boolean;
  /** True for the text of one JSON string, whose end is not the end of what a reader may see. */
  readonly strictEnd: boolean;
}

export function newScanState(policy: OutputPolicy, options: { codeOnly?: boolean; strictEnd?: boolean } = {}): ScanState {
  return {
    policy,
    fence: null,
    html: false,
    rawHtml: false,
    imageOpen: false,
    angleOpen: false,
    dropping: false,
    lineBlank: true,
    codeOnly: options.codeOnly ?? false,
    strictEnd: options.strictEnd ?? false,
  };
}

/** Screens a text that is complete in itself; null when it has to be refused. */
export type Inner = (text: string, codeOnly: boolean) => string | null;

export const WAIT: Step = Object.freeze({ kind: 'wait' });

export function pass(to: number): Step {
  return { kind: 'pass', to };
}

export function replace(to: number, by: string, signal: SignalKind | null): Step {
  return { kind: 'replace', to, by, signal };
}

export const IMAGE_REMOVED = '[image removed]';
export const LINK_REMOVED = '[link removed]';
export const MARKUP_REMOVED = '[markup removed]';

/** Longest construct that is read as a whole; a longer one is treated as text, with the rules for addresses applied. */
export const MAX_CONSTRUCT = 2048;
/** How far back readers look. */
export const LOOK_BACK = 256;

/** Offset of the next `mark` that is at hand, looking no further than a construct may reach; -1 when there is none. */
export function findAhead(view: View, mark: string, from: number): number {
  const found = view.text.slice(from, Math.min(view.end, from + MAX_CONSTRUCT)).indexOf(mark);
  return found === -1 ? -1 : from + found;
}

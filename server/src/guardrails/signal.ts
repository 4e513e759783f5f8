// What a screen noticed. A signal is evidence for labels, policies and people; it never makes anything trusted.
// INVARIANT: kinds and counts only, never the text itself.

import type { HiddenKind } from '#core';

export type SignalKind =
  | HiddenKind
  /** Control tokens of chat templates within a text, e.g. a start-of-turn mark. */
  | 'role_markup'
  | 'secret'
  /** Raised by the statistical detector, when one is configured. */
  | 'injection_suspected'
  | 'image_removed'
  | 'link_removed'
  | 'markup_removed'
  | 'hidden_text_removed';

export interface Signal {
  readonly kind: SignalKind;
  /** Index of the input part or of the tool call; null for the text of a reply. */
  readonly part: number | null;
  /** How many characters, links or tokens it concerns. */
  readonly count: number;
}

// What a run can do next, with the label of everything it is made of. Plain data: nothing is decided or done here.

import type { ApprovalId, JsonObject, JsonValue, Label } from '#core';
import type { Tool } from './definition.ts';

/** What a person is asked, in our words. */
export interface Question {
  readonly title: string;
  readonly sentence: string;
  readonly shown: JsonObject;
  readonly expiresAfterMs: number;
  /** Set when the answer decides in place of a machine. */
  readonly decision: Decision | null;
}

/** What is decided about a person: the option a machine proposed, and the one a no means. */
export interface Decision {
  readonly kind: string;
  readonly effect: 'legal' | 'significant';
  readonly proposed: string;
  readonly otherwise: string;
  readonly contest: { readonly by: string; readonly text: string };
}

interface Place {
  readonly step: string;
  readonly phase: string;
}

export type Action =
  | (Place & {
      readonly kind: 'call';
      readonly integration: string;
      readonly operation: string;
      readonly args: JsonObject;
      readonly argumentLabels: Readonly<Record<string, Label>>;
      /** What decided that the call is made at all. */
      readonly context: Label;
      /** What makes the effect the same effect when the phase runs again. */
      readonly toolCallId: string;
      /** Chosen by a step that decides about a person: nothing is done before a person decided. */
      readonly readsOnly: boolean;
      /** Waits for this approval. */
      readonly approval: ApprovalId | null;
    })
  | (Place & {
      readonly kind: 'model';
      readonly model: string;
      readonly messages: readonly JsonObject[];
      readonly messageLabels: readonly Label[];
      readonly context: Label;
      readonly tools: readonly Tool[];
      readonly readsOnly: boolean;
      readonly output: JsonValue | null;
      /** Waits for this approval. */
      readonly approval: ApprovalId | null;
    })
  | (Place & { readonly kind: 'refuse_tool'; readonly code: string; readonly label: Label })
  | (Place & { readonly kind: 'emit'; readonly event: string; readonly facts: JsonObject })
  | (Place & {
      readonly kind: 'approval';
      readonly question: Question;
      readonly shownLabels: Readonly<Record<string, Label>>;
      readonly approval: ApprovalId | null;
    })
  | {
      readonly kind: 'channel';
      readonly integration: string;
      readonly operation: string;
      readonly args: JsonObject;
      readonly argumentLabels: Readonly<Record<string, Label>>;
      readonly context: Label;
    }
  | { readonly kind: 'stop'; readonly step: string; readonly code: string }
  | { readonly kind: 'finish' };

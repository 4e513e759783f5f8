// What the policy says of one call.

import type { Evidence } from './refusal.ts';

/** Names of the policies that decided, so that every decision can be explained. */
export type Decision =
  | { readonly kind: 'allow'; readonly policies: readonly string[] }
  | {
      readonly kind: 'endorse';
      readonly policies: readonly string[];
      readonly code: string;
      readonly reason: string;
      readonly evidence: Evidence;
    }
  | {
      readonly kind: 'deny';
      readonly policies: readonly string[];
      readonly code: string;
      readonly reason: string;
      readonly evidence: Evidence;
    };

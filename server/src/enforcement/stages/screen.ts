// Looks for hidden text, oversize and injection. It may only make labels worse or refuse; it never makes anything safe.

import { isRefusal, joinAll, type LabelledPart, type Refusal, writtenByAnybody } from '#core';
import { screenInput } from '#guardrails';
import type { GuardDeps } from '../ports.ts';
import type { Labelled, Screened } from '../types.ts';

/** Most text one call may carry: far above a 200k-token context, far below what would stall the process. */
const MAX_CHARS = 2_000_000;
/** Most text leaves in one call. */
const MAX_PARTS = 10_000;

export function screen(deps: GuardDeps, call: Labelled): Screened | Refusal {
  const result = screenInput(call.parts, { maxChars: MAX_CHARS, maxParts: MAX_PARTS, detector: deps.detector });
  if (isRefusal(result)) return result;
  if (result.lowered.size === 0) return { ...call, signals: result.signals, sanitized: result.sanitized };
  const parts = call.parts.map((part, index): LabelledPart => {
    return result.lowered.has(index) ? { ...part, label: writtenByAnybody(part.label) } : part;
  });
  const label = joinAll([call.label, ...parts.map((part) => part.label)]);
  return { ...call, parts, label, signals: result.signals, sanitized: result.sanitized };
}

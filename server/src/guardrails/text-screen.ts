// The window a reply passes through on its way out: hidden characters go, keys and tokens stop it, links and markup follow the
// rules of the policy. Text is held only while it could still become something; at the end nothing held is released unscreened.

import { findKeys, openKeyStart, type Refusal, refuse } from '#core';
import { createHiddenStripper } from './hidden-stripper.ts';
import { createJsonScreen } from './json-screen.ts';
import type { OutputPolicy } from './link-rules.ts';
import { linkRefusal } from './read-address.ts';
import { LOOK_BACK } from './scan-state.ts';
import type { Signal } from './signal.ts';
import { createScanner } from './text-scanner.ts';
import type { TextScreen, TextVerdict } from './text-verdict.ts';

const NO_FINDINGS: readonly Signal[] = Object.freeze([]);
/** The buffer is cut back to what readers look at when it has grown so far. */
const MAX_BUFFER = 1024;
/** Longest prefix of a key form and the character before it. */
const KEY_LOOK_BACK = 24;
const LINK_BEFORE = /:[\\/]{1,4}|\/\/|\]\(|www\./i;

function keyRefusal(text: string, keyStart: number): Refusal {
  const run = text.slice(Math.max(text.lastIndexOf(' ', keyStart), text.lastIndexOf('\n', keyStart)) + 1, keyStart);
  return LINK_BEFORE.test(run)
    ? linkRefusal()
    : refuse('GUARDRAILS_OUTPUT_SECRET', 'The reply holds an API key, a token or a private key.');
}

export function createPlainScreen(policy: OutputPolicy, options: { strictEnd?: boolean } = {}): TextScreen {
  const scanner = createScanner(policy, options);
  const stripper = createHiddenStripper();
  let buffer = '';
  /** Where the held text begins in the buffer. */
  let at = 0;
  /** Keys before this are ruled out. */
  let keysFrom = 0;
  let refused: Refusal | null = null;

  function findKey(): number | null {
    const offset = Math.max(0, keysFrom);
    const found = findKeys(offset === 0 ? buffer : buffer.slice(offset)).find((key) => key.start > 0 || offset === 0);
    return found === undefined ? null : offset + found.start;
  }

  function trim(): void {
    const cut = Math.min(at, keysFrom) - LOOK_BACK;
    if (buffer.length < MAX_BUFFER || cut <= 0) return;
    buffer = buffer.slice(cut);
    at -= cut;
    keysFrom -= cut;
  }

  function screen(text: string, removed: number, final: boolean): TextVerdict {
    buffer += text;
    const key = findKey();
    if (key !== null) {
      // What stands first in the text decides, however it was cut.
      const before = scanner.run({ text: buffer, end: key, final: false }, at);
      refused = 'kind' in before ? before : keyRefusal(buffer, key);
      return refused;
    }
    const open = openKeyStart(buffer);
    const end = final ? buffer.length : open;
    const scanned = scanner.run({ text: buffer, end, final }, at);
    if ('kind' in scanned) {
      refused = scanned;
      return refused;
    }
    at = scanned.at;
    keysFrom = open < buffer.length ? open - 1 : buffer.length - KEY_LOOK_BACK;
    trim();
    const findings =
      removed === 0 ? scanned.findings : [...scanned.findings, { kind: 'hidden_text_removed', part: null, count: removed } as const];
    return { release: scanned.release, findings };
  }

  return {
    push(text) {
      if (refused !== null) return refused;
      const stripped = stripper.push(text);
      return stripped.text === '' && stripped.removed === 0
        ? { release: '', findings: NO_FINDINGS }
        : screen(stripped.text, stripped.removed, false);
    },
    end() {
      if (refused !== null) return refused;
      const stripped = stripper.end();
      return screen(stripped.text, stripped.removed, true);
    },
  };
}

/** A screen for one reply text. After a refusal every further call returns it. */
export function createTextScreen(policy: OutputPolicy): TextScreen {
  return policy.format === 'json' ? createJsonScreen(policy, createPlainScreen) : createPlainScreen(policy);
}

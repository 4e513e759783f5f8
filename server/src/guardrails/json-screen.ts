// Screens a reply that is JSON for a program: each string in it is decoded, screened on its own and written out again, so the reply
// stays valid JSON and no escape hides anything. What turns out not to be JSON is screened as text from there on.

import { isRefusal, type Refusal } from '#core';
import type { OutputPolicy } from './link-rules.ts';
import type { Signal } from './signal.ts';
import type { TextScreen, TextVerdict } from './text-verdict.ts';

type Mode = 'start' | 'outside' | 'string' | 'text';
type MakeScreen = (policy: OutputPolicy, options?: { strictEnd?: boolean }) => TextScreen;

const STRUCTURE_END = /[^\s{}[\],:0-9+.eEtrufalsn-]/g;
const STRING_STOP = /["\\]/g;
const ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;
const LONGEST_ESCAPE = 6;

function encode(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function firstFrom(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

export function createJsonScreen(policy: OutputPolicy, makeScreen: MakeScreen): TextScreen {
  let mode: Mode = 'start';
  let pending = '';
  let inner: TextScreen | null = null;
  let refused: Refusal | null = null;
  let release = '';
  let findings: Signal[] = [];

  /** Takes over an inner verdict; false when it refuses. */
  function take(verdict: TextVerdict, encoded: boolean): boolean {
    if (isRefusal(verdict)) {
      refused = verdict;
      return false;
    }
    release += encoded ? encode(verdict.release) : verdict.release;
    findings.push(...verdict.findings);
    return true;
  }

  function toText(): void {
    mode = 'text';
    inner = makeScreen(policy);
  }

  /** Consumes what is decided of `pending`; false when nothing more can be. */
  function advance(final: boolean): boolean {
    if (pending === '') return false;
    switch (mode) {
      case 'start': {
        const first = pending.trimStart()[0];
        if (first === undefined && !final) return false;
        if (first === '{' || first === '[' || first === '"') mode = 'outside';
        else toText();
        return true;
      }
      case 'outside': {
        const stop = firstFrom(STRUCTURE_END, pending, 0);
        release += pending.slice(0, stop);
        pending = pending.slice(stop);
        if (pending === '') return false;
        if (pending[0] !== '"') {
          release += ' ';
          toText();
          return true;
        }
        release += '"';
        pending = pending.slice(1);
        mode = 'string';
        inner = makeScreen(policy, { strictEnd: true });
        return true;
      }
      case 'string':
        return advanceString(inner as TextScreen, final);
      case 'text': {
        const text = pending;
        pending = '';
        return take((inner as TextScreen).push(text), false) && false;
      }
      default:
        return mode satisfies never;
    }
  }

  function advanceString(screen: TextScreen, final: boolean): boolean {
    const stop = firstFrom(STRING_STOP, pending, 0);
    if (stop > 0) {
      const plain = pending.slice(0, stop);
      pending = pending.slice(stop);
      return take(screen.push(plain), true);
    }
    if (pending[0] === '"') {
      pending = pending.slice(1);
      if (!take(screen.end(), true)) return false;
      release += '"';
      mode = 'outside';
      return true;
    }
    const escaped = ESCAPE.exec(pending)?.[0];
    if (escaped === undefined) {
      if (pending.length < LONGEST_ESCAPE && !final && '\\u'.startsWith(pending.slice(0, 2))) return false;
      // No JSON: what follows is screened as text, apart from what went before.
      if (!take(screen.end(), true)) return false;
      release += ' ';
      toText();
      return true;
    }
    pending = pending.slice(escaped.length);
    return take(screen.push(JSON.parse(`"${escaped}"`) as string), true);
  }

  function finish(): TextVerdict {
    if (refused !== null) return refused;
    const verdict = { release, findings };
    release = '';
    findings = [];
    return verdict;
  }

  return {
    push(text) {
      if (refused !== null) return refused;
      pending += text;
      while (advance(false));
      return finish();
    },
    end() {
      if (refused !== null) return refused;
      while (advance(true));
      if (refused === null && (mode === 'string' || mode === 'text')) take((inner as TextScreen).end(), mode === 'string');
      return finish();
    },
  };
}

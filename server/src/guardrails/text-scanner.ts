// Walks reply text once, left to right: plain text is released, each character that could begin something goes to its reader.
// INVARIANT: what is released depends on the text alone, never on how it was cut into chunks.

import type { Refusal } from '#core';
import type { OutputPolicy } from './link-rules.ts';
import { readQuery, readScheme, readSlash, readWebAddress } from './read-address.ts';
import { readCodeMark, readDefinition, readImage, readLink } from './read-markdown.ts';
import { readAngle, readAttribute } from './read-tag.ts';
import { type Inner, newScanState, pass, type ScanState, type Step, type View, WAIT } from './scan-state.ts';
import type { Signal, SignalKind } from './signal.ts';

/** Characters that could begin something. At the end of the text a letter may still become `http` or `www`. */
const ANCHORS = '[<!`~\\n:/?]|\\](?=[(:]|$)|(?<![A-Za-z0-9])(?:[hH](?=[tT]|$)|[wW](?=[wW]|$))';
const NEXT_ANCHOR = new RegExp(ANCHORS, 'g');
const NEXT_ANCHOR_IN_TAG = new RegExp(`=|${ANCHORS}`, 'g');
const DROP_END = /[\s<"'`)]/g;

export interface Scanned {
  /** Where the held text begins. */
  readonly at: number;
  readonly release: string;
  readonly findings: readonly Signal[];
}

export interface TextScanner {
  readonly state: ScanState;
  run(view: View, from: number): Scanned | Refusal;
}

function readLineBreak(at: number, state: ScanState): Step {
  if (state.lineBlank) {
    state.html = false;
    state.imageOpen = false;
    state.angleOpen = false;
  }
  state.lineBlank = true;
  return pass(at + 1);
}

function readBracket(view: View, at: number, state: ScanState): Step {
  if (at + 1 >= view.end) return view.final ? pass(at + 1) : WAIT;
  return view.text[at + 1] === '(' ? readLink(view, at, state) : readDefinition(view, at, state);
}

function readAt(view: View, at: number, state: ScanState, inner: Inner): Step {
  const inCode = state.fence !== null || state.codeOnly;
  switch (view.text[at]) {
    case '\n':
      return readLineBreak(at, state);
    case ':':
      return readScheme(view, at, state);
    case '/':
      return readSlash(view, at, state);
    case '?':
      return readQuery(view, at, state);
    case '`':
    case '~':
      return state.codeOnly ? pass(at + 1) : readCodeMark(view, at, state, inner);
    case '<':
      return inCode ? pass(at + 1) : readAngle(view, at, state, inner);
    case '=':
      return inCode ? pass(at + 1) : readAttribute(view, at);
    case '!':
      return inCode ? pass(at + 1) : readImage(view, at, state, inner);
    case ']':
      return inCode ? pass(at + 1) : readBracket(view, at, state);
    default:
      return readWebAddress(view, at, state);
  }
}

function nextAnchor(view: View, from: number, state: ScanState): number {
  const pattern = state.angleOpen ? NEXT_ANCHOR_IN_TAG : NEXT_ANCHOR;
  pattern.lastIndex = from;
  const found = pattern.exec(view.text);
  return found === null || found.index >= view.end ? view.end : found.index;
}

function dropEnd(view: View, from: number): number {
  DROP_END.lastIndex = from;
  const found = DROP_END.exec(view.text);
  return found === null || found.index >= view.end ? view.end : found.index;
}

export function createScanner(policy: OutputPolicy, options: { codeOnly?: boolean; strictEnd?: boolean } = {}): TextScanner {
  const state = newScanState(policy, options);

  let findings: Signal[] = [];

  const inner: Inner = (text, codeOnly) => {
    const scanned = createScanner(policy, { codeOnly }).run({ text, end: text.length, final: true }, 0);
    if ('kind' in scanned) return null;
    findings.push(...scanned.findings);
    return scanned.release;
  };

  function run(view: View, from: number): Scanned | Refusal {
    findings = [];
    const note = (kind: SignalKind): void => {
      findings.push({ kind, part: null, count: 1 });
    };
    let release = '';
    let at = from;
    const releaseTo = (to: number): void => {
      if (to <= at) return;
      const text = view.text.slice(at, to);
      if (state.lineBlank && /\S/.test(text)) state.lineBlank = false;
      release += text;
      at = to;
    };
    while (at < view.end) {
      if (state.dropping) {
        at = dropEnd(view, at);
        if (at < view.end) state.dropping = false;
        continue;
      }
      releaseTo(nextAnchor(view, at, state));
      if (at >= view.end) break;
      const step = readAt(view, at, state, inner);
      if (step.kind === 'wait') break;
      if (step.kind === 'refuse') return step.refusal;
      if (step.kind === 'pass') {
        releaseTo(step.to);
        continue;
      }
      release += step.by;
      if (step.by !== '') state.lineBlank = false;
      at = step.to;
      if (step.signal !== null) note(step.signal);
    }
    return { at, release, findings };
  }

  return { state, run };
}

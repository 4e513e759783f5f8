// Finds the requirement ids that tests cite: `[A3]`, `[A3][D2]` or `[A3, PROMISE-4]` in the name of a test or of a group of tests.
// Only names count: an array literal or a string elsewhere in a test is never a citation.

import { argumentAt, isNode, parseSource, type SyntaxNode, walk } from '../source/parse.ts';

export interface Citation {
  readonly id: string;
  readonly path: string;
  readonly name: string;
}

const NAMERS = new Set(['it', 'test', 'describe']);
const ID = '(?:[A-Z]\\d{1,2}|PROMISE-\\d{1,2})';
const BRACKET = new RegExp(`\\[(${ID}(?:\\s*,\\s*${ID})*)\\]`, 'g');

/** The identifier a call begins with: `it` of `it.each(rows)(...)`. */
function rootName(callee: unknown): string | null {
  if (!isNode(callee)) return null;
  if (callee.type === 'Identifier') return callee.value as string;
  if (callee.type === 'MemberExpression') return rootName(callee.object);
  if (callee.type === 'CallExpression' || callee.type === 'TaggedTemplateExpression') return rootName(callee.callee ?? callee.tag);
  return null;
}

/** All fixed text of a string literal or template, with a space for each slot. */
function fixedText(node: SyntaxNode | null): string | null {
  if (node?.type === 'StringLiteral') return node.value as string;
  if (node?.type !== 'TemplateLiteral') return null;
  return (node.quasis as { readonly cooked: string }[]).map((quasi) => quasi.cooked).join(' ');
}

export function citationsIn(path: string, text: string): readonly Citation[] {
  const citations: Citation[] = [];
  walk(parseSource(path, text), (node) => {
    if (node.type !== 'CallExpression' || !NAMERS.has(rootName(node.callee) ?? '')) return;
    const name = fixedText(argumentAt(node, 0));
    if (name === null) return;
    for (const [, ids = ''] of name.matchAll(BRACKET)) {
      for (const id of ids.split(',')) citations.push({ id: id.trim(), path, name });
    }
  });
  return citations;
}

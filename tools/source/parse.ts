// Parses TypeScript and JavaScript text into a plain tree and walks it. Reads no file and judges nothing.

import { parseSync } from '@swc/core';

/** A node of the syntax tree; its members are looked at by name. */
export interface SyntaxNode {
  readonly type: string;
  readonly [member: string]: unknown;
}

export class SyntaxFault extends Error {}

const parsed = new Map<string, { readonly text: string; readonly tree: SyntaxNode }>();

/** The tree of one file. Remembered by path and text, so that several gates may ask. */
export function parseSource(path: string, text: string): SyntaxNode {
  const known = parsed.get(path);
  if (known?.text === text) return known.tree;
  try {
    const isTypeScript = /\.[cm]?tsx?$/.test(path);
    const tree = parseSync(
      text,
      isTypeScript ? { syntax: 'typescript', tsx: path.endsWith('x'), target: 'es2024' } : { syntax: 'ecmascript', target: 'es2024' },
    ) as unknown as SyntaxNode;
    parsed.set(path, { text, tree });
    return tree;
  } catch (cause) {
    throw new SyntaxFault(`${path} can not be parsed`, { cause });
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Visits every node, parents first. */
export function walk(value: unknown, visit: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) visit(value);
  for (const [name, member] of Object.entries(value)) {
    if (name !== 'span' && typeof member === 'object') walk(member, visit);
  }
}

/** The value of a string literal or of a template without slots, else null. */
export function literalText(value: unknown): string | null {
  if (!isNode(value)) return null;
  if (value.type === 'StringLiteral') return value.value as string;
  if (value.type !== 'TemplateLiteral' || (value.expressions as unknown[]).length > 0) return null;
  return ((value.quasis as { cooked: string }[])[0] as { cooked: string }).cooked;
}

/** First argument of a call or `new`, without its wrapper. */
export function argumentAt(node: SyntaxNode, index: number): SyntaxNode | null {
  const list = node.arguments;
  const argument = Array.isArray(list) ? (list[index] as { expression?: unknown } | undefined) : undefined;
  return argument !== undefined && isNode(argument.expression) ? argument.expression : null;
}

// Lists every module a file names, in whatever form: import, export from, type-only, dynamic, import type, require.
// The slow honest twin of dependency-cruiser's own extraction, which it is compared with.

import { argumentAt, isNode, literalText, type SyntaxNode, walk } from './parse.ts';

const DECLARATIONS = new Set(['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration']);

export function importSpecifiers(tree: SyntaxNode): readonly string[] {
  const found = new Set<string>();
  const add = (value: unknown): void => {
    const text = literalText(value);
    if (text !== null) found.add(text);
  };
  walk(tree, (node) => {
    if (DECLARATIONS.has(node.type)) add(node.source);
    else if (node.type === 'TsImportType') add(node.argument);
    else if (node.type === 'TsExternalModuleReference') add(node.expression);
    else if (node.type === 'CallExpression' && isLoader(node.callee)) add(argumentAt(node, 0));
  });
  return [...found];
}

/** True for `import(...)`, `require(...)` and `require.resolve(...)`. */
export function isLoader(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === 'Import') return true;
  if (callee.type === 'Identifier') return callee.value === 'require';
  return callee.type === 'MemberExpression' && isNode(callee.object) && callee.object.value === 'require';
}

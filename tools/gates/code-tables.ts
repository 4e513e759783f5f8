// Every refusal and fault code a room raises stands in a code table the room can see: its own errors.ts, or that of a room it may
// import. Consumers match codes, so a code lives in one table only.

import { importable, ROOMS } from '../rooms/table.ts';
import { argumentAt, isNode, literalText, parseSource, type SyntaxNode, walk } from '../source/parse.ts';
import type { Gate } from './gate.ts';
import { isSource, isTest, roomsOf, type Tree } from './tree.ts';

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

/** Codes that a file raises by `refuse(...)` or `new SallyportError(...)`, wherever they stand in the first argument. */
export function raisedCodes(path: string, text: string): readonly string[] {
  const codes = new Set<string>();
  walk(parseSource(path, text), (node) => {
    const callee = node.callee;
    if (!isNode(callee) || callee.type !== 'Identifier') return;
    const isRaise =
      (node.type === 'CallExpression' && callee.value === 'refuse') || (node.type === 'NewExpression' && callee.value === 'SallyportError');
    if (!isRaise) return;
    walk(argumentAt(node, 0), (part: SyntaxNode) => {
      const code = literalText(part);
      if (code !== null && CODE.test(code)) codes.add(code);
    });
  });
  return [...codes];
}

/** Keys of the code tables in a room's errors.ts. */
export function tabledCodes(path: string, text: string): readonly string[] {
  const codes = new Set<string>();
  walk(parseSource(path, text), (node) => {
    if (node.type !== 'KeyValueProperty' || !isNode(node.key)) return;
    const name = node.key.value;
    if (typeof name === 'string' && CODE.test(name)) codes.add(name);
  });
  return [...codes];
}

function tablesOf(tree: Tree): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, readonly string[]>();
  for (const name of roomsOf(tree).keys()) {
    const path = `server/src/${name}/errors.ts`;
    if (tree.files.includes(path)) tables.set(name, tabledCodes(path, tree.read(path)));
  }
  return tables;
}

export const codeTables: Gate = {
  name: 'code-tables',
  sentence: 'Each code that a room raises stands in its errors.ts or in that of a room it may import, and in one table only.',
  inspect(tree) {
    const tables = tablesOf(tree);
    const failures: string[] = [];
    let looked = 0;
    for (const [room, files] of roomsOf(tree)) {
      const visible = ROOMS.some((row) => row.name === room) ? [room, ...importable(room)] : [room];
      const known = new Set(visible.flatMap((name) => tables.get(name) ?? []));
      for (const path of files.filter((file) => isSource(file) && !isTest(file))) {
        looked += 1;
        for (const code of raisedCodes(path, tree.read(path))) {
          if (!known.has(code)) failures.push(`${path} raises ${code}, which is not in server/src/${room}/errors.ts`);
        }
      }
    }
    const owners = new Map<string, string>();
    for (const [room, codes] of tables) {
      for (const code of codes) {
        const owner = owners.get(code);
        if (owner !== undefined) failures.push(`${code} stands in the tables of both ${owner} and ${room}`);
        owners.set(code, room);
      }
    }
    return { looked, failures };
  },
};

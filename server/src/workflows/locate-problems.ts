// Says in which file and line a mistake of a bundle stands. Reads the text again; what it can not place it leaves at the file.

import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Refusal } from '#core';
import { type Bundle, WORKFLOW_FILE } from './bundle.ts';

/** The refusal with `where`, one place for each of its `problems`: `workflow.yaml:12` or another file of the bundle. */
export function withPlaces(bundle: Bundle, refusal: Refusal): Refusal {
  const { problems } = refusal.evidence;
  if (!Array.isArray(problems)) return refusal;
  const lines = new LineCounter();
  const document = parseDocument(bundle.files.get(WORKFLOW_FILE) ?? '', { lineCounter: lines, uniqueKeys: true });
  const where = (problems as readonly string[]).map((problem) => {
    const path = problem.slice(0, Math.max(0, problem.indexOf(': ')));
    if (bundle.files.has(path)) return path;
    const offset = document.errors[0]?.pos[0] ?? offsetOf(document.contents, path.split('.'));
    return offset === null ? WORKFLOW_FILE : `${WORKFLOW_FILE}:${lines.linePos(offset).line}`;
  });
  return { ...refusal, evidence: { ...refusal.evidence, where } };
}

/** Of the deepest node the path leads to. Steps and tools are named by their `id` or `name` as well as by their place. */
function offsetOf(root: unknown, path: readonly string[]): number | null {
  let node = root;
  let offset: number | null = null;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (pair === undefined) return offset;
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items.find(
        (each, index) => String(index) === part || (isMap(each) && (each.get('id') === part || each.get('name') === part)),
      );
      if (item === undefined) return offset;
      offset = isNode(item) ? (item.range?.[0] ?? offset) : offset;
      node = item;
    } else return offset;
  }
  return offset;
}

// Which steps an expression reads, told by its parsed form alone.
// INVARIANT: never fewer than it reads; a use of `steps` that names no step by a constant reads all of them.

import type { parse } from '@bufbuild/cel';

type Node = NonNullable<ReturnType<typeof parse>['expr']>;

export function stepsOfExpression(root: Node): ReadonlySet<string> | null {
  const found = new Set<string>();
  return collect(root, found) ? found : null;
}

/** False when it may read any step. */
function collect(node: Node | undefined, found: Set<string>): boolean {
  const all = (nodes: readonly (Node | undefined)[]): boolean => nodes.map((one) => collect(one, found)).every(Boolean);
  const kind = node?.exprKind;
  switch (kind?.case) {
    case 'constExpr':
      return true;
    case 'identExpr':
      return kind.value.name.replace(/^\./, '') !== 'steps';
    case 'selectExpr': {
      if (isSteps(kind.value.operand)) {
        found.add(kind.value.field);
        return true;
      }
      return collect(kind.value.operand, found);
    }
    case 'listExpr':
      return all(kind.value.elements);
    case 'structExpr':
      return all(kind.value.entries.flatMap((entry) => [entry.keyKind.case === 'mapKey' ? entry.keyKind.value : undefined, entry.value]));
    case 'callExpr': {
      const { args, target } = kind.value;
      const [holder, index] = args;
      const key = index?.exprKind.case === 'constExpr' ? index.exprKind.value.constantKind : undefined;
      if (kind.value.function === '_[_]' && isSteps(holder) && key?.case === 'stringValue') {
        found.add(key.value);
        return true;
      }
      return all(target === undefined ? args : [target, ...args]);
    }
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = kind.value;
      return all([iterRange, accuInit, loopCondition, loopStep, result]);
    }
    default:
      return node === undefined;
  }
}

const isSteps = (node: Node | undefined): boolean =>
  node?.exprKind.case === 'identExpr' && node.exprKind.value.name.replace(/^\./, '') === 'steps';

// What an expression's value is made of, read from its parsed form without evaluating it: for each part of the value, the labels of
// everything that may have gone into it. Branches and conditions count, taken or not.
// INVARIANT: never better than the join of what the expression reads; what is not understood reads the whole scope.

import type { parse } from '@bufbuild/cel';
import { join, joinAll, type Label, TRUSTED_CONSTANT } from '#core';
import { anyMemberOf, labelled, MEMBER, memberOf, placedAt, tainted, type ValueLabels, wholeLabel } from './value-labels.ts';

/** The labels of what expressions may name. */
export interface LabelScope {
  readonly input: ValueLabels;
  readonly customer: ValueLabels;
  readonly steps: ValueLabels;
}

type Node = NonNullable<ReturnType<typeof parse>['expr']>;
type Env = ReadonlyMap<string, ValueLabels>;

const CONSTANT = labelled(TRUSTED_CONSTANT);

export function labelsOfExpression(root: Node, scope: LabelScope): ValueLabels {
  const everything = labelled(joinAll([scope.input, scope.customer, scope.steps].map(wholeLabel)));
  const env: Env = new Map([
    ['input', scope.input],
    ['customer', scope.customer],
    ['steps', scope.steps],
  ]);
  return new Reader(everything).read(root, env);
}

class Reader {
  readonly #everything: ValueLabels;

  constructor(everything: ValueLabels) {
    this.#everything = everything;
  }

  read(node: Node | undefined, env: Env): ValueLabels {
    const kind = node?.exprKind;
    switch (kind?.case) {
      case 'constExpr':
        return CONSTANT;
      case 'identExpr':
        return env.get(kind.value.name.replace(/^\./, '')) ?? this.#everything;
      case 'selectExpr': {
        const holder = this.read(kind.value.operand, env);
        // Whether a member is there is told by all that holds it.
        return kind.value.testOnly ? labelled(wholeLabel(holder)) : memberOf(holder, kind.value.field);
      }
      case 'listExpr':
        return kind.value.elements.length === 0
          ? CONSTANT
          : kind.value.elements.flatMap((element) => placedAt(MEMBER, this.read(element, env)));
      case 'structExpr':
        return this.#struct(kind.value, env);
      case 'callExpr':
        return this.#call(kind.value, env);
      case 'comprehensionExpr':
        return this.#loop(kind.value, env);
      default:
        return this.#everything;
    }
  }

  #struct(struct: Extract<NonNullable<Node['exprKind']>, { case: 'structExpr' }>['value'], env: Env): ValueLabels {
    if (struct.entries.length === 0) return CONSTANT;
    const members = struct.entries.map((entry) => {
      const key = entry.keyKind.case === 'mapKey' ? constantText(entry.keyKind.value) : null;
      const value = this.read(entry.value, env);
      if (key !== null) return placedAt(key, value);
      const chosen = entry.keyKind.case === 'mapKey' ? this.read(entry.keyKind.value, env) : this.#everything;
      return labelled(joinAll([wholeLabel(value), wholeLabel(chosen)]));
    });
    return members.flat();
  }

  #call(call: Extract<NonNullable<Node['exprKind']>, { case: 'callExpr' }>['value'], env: Env): ValueLabels {
    const { args } = call;
    switch (call.function) {
      case '_[_]': {
        const [holder, index] = [this.read(args[0], env), args[1]];
        const key = constantText(index);
        if (key !== null) return memberOf(holder, key);
        const isNumber = index?.exprKind.case === 'constExpr' && index.exprKind.value.constantKind.case === 'int64Value';
        if (isNumber) return memberOf(holder, MEMBER);
        return tainted(anyMemberOf(holder), wholeLabel(this.read(index, env)));
      }
      case '_?_:_': {
        const condition = wholeLabel(this.read(args[0], env));
        return tainted([...this.read(args[1], env), ...this.read(args[2], env)], condition);
      }
      // Of lists, the members of both; of texts and numbers, one value made from both.
      case '_+_':
        return [...this.read(args[0], env), ...this.read(args[1], env)];
      default: {
        const parts = call.target === undefined ? args : [call.target, ...args];
        return labelled(joinAll(parts.map((part) => wholeLabel(this.read(part, env)))));
      }
    }
  }

  #loop(loop: Extract<NonNullable<Node['exprKind']>, { case: 'comprehensionExpr' }>['value'], env: Env): ValueLabels {
    const range = this.read(loop.iterRange, env);
    // A loop over an object runs over its keys; only members of a list are known by their fields.
    const isList = range.every(({ steps }) => steps.length === 0 || steps[0] === MEMBER);
    const member = isList ? anyMemberOf(range) : labelled(wholeLabel(range));
    // How many members there are, and which come before which, is told by all of the list, also where no member is looked at.
    const shape = wholeLabel(range);
    let gathered = tainted(this.read(loop.accuInit, env), shape);
    let inner: Env = env;
    // Twice: what the first round gathered may decide what the second one does; a third could add nothing new.
    for (let round = 0; round < 2; round += 1) {
      const bound: [string, ValueLabels][] = [
        [loop.iterVar, member],
        ...(loop.iterVar2 === '' ? [] : [[loop.iterVar2, member] as [string, ValueLabels]]),
      ];
      inner = new Map([...env, ...bound, [loop.accuVar, gathered]]);
      const goesOn: Label = wholeLabel(this.read(loop.loopCondition, inner));
      gathered = tainted([...gathered, ...this.read(loop.loopStep, inner)], join(goesOn, shape));
    }
    return this.read(loop.result, new Map([...inner, [loop.accuVar, gathered]]));
  }
}

function constantText(node: Node | undefined): string | null {
  if (node?.exprKind.case !== 'constExpr') return null;
  const { constantKind } = node.exprKind.value;
  return constantKind.case === 'stringValue' ? constantKind.value : null;
}

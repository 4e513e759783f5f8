// The steps of a version in order: a list whose nesting is what stands inside what, each with what it reaches and whether that has effects.

import type { ReactNode } from 'react';
import type { StepFact, VersionFacts } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.workflows;
const READS = new Set(['read', 'fetch']);

interface Node {
  readonly step: StepFact;
  readonly inside: readonly Node[];
}

/** Steps with the steps inside them, from the flat list and its depths. */
function treeOf(steps: readonly StepFact[], depth = 0): readonly Node[] {
  const nodes: Node[] = [];
  for (const [index, step] of steps.entries()) {
    if (step.depth < depth) break;
    if (step.depth > depth) continue;
    nodes.push({ step, inside: treeOf(steps.slice(index + 1), depth + 1) });
  }
  return nodes;
}

export function Steps({ facts }: { facts: VersionFacts | null }): ReactNode {
  if (facts === null) return null;
  return (
    <section className="sheet stack tight" aria-labelledby="steps">
      <h2 id="steps">{text.steps}</h2>
      <p className="small soft">{text.stepsLead}</p>
      <List nodes={treeOf(facts.steps)} facts={facts} />
    </section>
  );
}

function List({ nodes, facts }: { nodes: readonly Node[]; facts: VersionFacts }): ReactNode {
  return (
    <ol className="flow">
      {nodes.map(({ step, inside }) => (
        <li key={step.id}>
          <div className={`flow-step ${effectsOf(step, facts) ? 'has-effect' : ''}`}>
            {step.branch === null ? null : <span className="small soft">{text.branches[step.branch] ?? step.branch}</span>}
            <b className="mono">{step.id}</b>
            <span className="kind">{text.kinds[step.kind] ?? step.kind}</span>
            {step.model === null ? null : <code>{visible(step.model)}</code>}
            {step.condition === null ? null : step.kind === 'approval' ? (
              <span>{visible(step.condition)}</span>
            ) : (
              <code>{visible(step.condition)}</code>
            )}
            {step.reaches.length === 0 ? null : (
              <span className="small">
                {step.kind === 'agent' ? `${text.chooses} ` : ''}
                {step.reaches.join(', ')}
              </span>
            )}
            {step.reaches.length === 0 ? null : effectsOf(step, facts) ? (
              <Badge tone="warn">{text.hasEffect}</Badge>
            ) : (
              <Badge tone="plain">{text.onlyReads}</Badge>
            )}
          </div>
          {inside.length === 0 ? null : <List nodes={inside} facts={facts} />}
        </li>
      ))}
    </ol>
  );
}

/** An operation nobody knows counts as an effect. */
function effectsOf({ reaches }: StepFact, { operations }: VersionFacts): boolean {
  return reaches.some((name) => !READS.has(operations.find((operation) => operation.name === name)?.effect ?? 'unknown'));
}

// What a version may do, in sentences: what moves money or leaves first, reading last, and how far each goes without a person.

import type { ReactNode } from 'react';
import type { OperationFact, VersionFacts } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { formatMoney } from '../../ui/format.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.workflows;
const ORDER = ['money', 'send', 'delete', 'admin', 'write'];
const READS = new Set(['read', 'fetch']);

interface Sentence {
  readonly kind: 'warn' | 'good' | 'info';
  readonly icon: IconName;
  readonly said: string;
  readonly more: readonly string[];
}

export function May({ facts }: { facts: VersionFacts | null }): ReactNode {
  return (
    <section className="sheet stack tight" aria-labelledby="may">
      <h2 id="may">{text.may}</h2>
      {facts === null ? <p>{text.mayNone}</p> : null}
      <ul className="why may">
        {(facts === null ? [] : sentencesOf(facts)).map(({ kind, icon, said, more }) => (
          <li key={said} className={kind}>
            <Icon name={icon} />
            <span>
              {visible(said)}
              {more.map((each) => (
                <span key={each} className="soft">
                  {' '}
                  {each}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function sentencesOf(facts: VersionFacts): readonly Sentence[] {
  const effects = facts.operations
    .filter(({ effect }) => effect !== null && !READS.has(effect))
    .toSorted((left, right) => ORDER.indexOf(left.effect ?? '') - ORDER.indexOf(right.effect ?? ''));
  const reads = facts.operations.filter(({ effect }) => effect !== null && READS.has(effect)).map(({ name }) => name);
  const gone = facts.operations.filter(({ effect }) => effect === null);
  const models = facts.permissions.filter(({ area }) => area === 'model');
  const { customer } = facts;
  return [
    ...effects.map((operation): Sentence => {
      const said = text.effects[operation.effect ?? '']?.(operation.name) ?? `${operation.effect}: ${operation.name}.`;
      return { kind: 'warn', icon: 'warn', said, more: [freedomOf(operation), ...(operation.needsReview ? [text.effectReview] : [])] };
    }),
    ...facts.steps
      .filter(({ kind }) => kind === 'agent')
      .map(({ id, reaches }): Sentence => {
        const limit = (name: string): string => facts.permissions.find((one) => one.name === `${id} agent.${name}`)?.value ?? '?';
        return { kind: 'info', icon: 'info', said: text.agent(id, reaches.join(', '), limit('maxCalls'), limit('maxTurns')), more: [] };
      }),
    ...facts.steps
      .filter(({ kind }) => kind === 'approval')
      .map(({ id, condition }): Sentence => ({ kind: 'good', icon: 'person', said: text.question(id, condition ?? ''), more: [] })),
    ...models.map(({ name, value }): Sentence => ({ kind: 'info', icon: 'info', said: text.models(name, value), more: [] })),
    ...(reads.length === 0 ? [] : [{ kind: 'info', icon: 'info', said: text.reads(reads.join(', ')), more: [] } as const]),
    customer === null
      ? { kind: 'info', icon: 'person', said: text.customerNone, more: [] }
      : {
          kind: 'info',
          icon: 'person',
          said: text.customer(customer.operation, customer.field),
          more: [text.assurances[customer.assurance] ?? customer.assurance],
        },
    ...gone.map(({ name }): Sentence => ({ kind: 'warn', icon: 'bad', said: text.effectGone(name), more: [] })),
  ];
}

function freedomOf({ limits }: OperationFact): string {
  if (limits === null) return text.asks;
  const { perCall, perCustomerDay, perDay, timesPerCustomerDay, fourEyesAbove } = limits;
  const said = [
    perCall === null ? null : text.limits.perCall(formatMoney(perCall)),
    perCustomerDay === null ? null : text.limits.perCustomerDay(formatMoney(perCustomerDay)),
    perDay === null ? null : text.limits.perDay(formatMoney(perDay)),
    timesPerCustomerDay === null ? null : text.limits.timesPerCustomerDay(timesPerCustomerDay),
  ].filter((each) => each !== null);
  const within = text.within(said.length === 0 ? text.limits.none : said.join(', '));
  return fourEyesAbove === null ? within : `${within} ${text.fourEyes(formatMoney(fourEyesAbove))}`;
}

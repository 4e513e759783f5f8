// The score of the demo so far.

import type { ReactNode } from 'react';
import type { Demo } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';
import { formatCount } from '../../ui/format.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { countOf } from './demo-count.ts';

const text = strings.demo;

export function Totals({ demo }: { demo: Demo }): ReactNode {
  const { solved, blocked, waiting } = countOf(demo);
  const model = demo.model.kind === 'captured' ? text.capturedModel : text.start.provider(demo.model.integration, demo.model.model);
  return (
    <section className="stack tight" aria-label={text.totals}>
      <dl className="totals">
        <Total tone="good" icon="good" name={text.total.solved} value={solved} />
        <Total tone="bad" icon="shield" name={text.total.blocked} value={blocked} />
        <Total tone="info" icon="wait" name={text.total.waiting} value={waiting} />
        <Total tone="plain" icon="lock" name={text.total.stolen} value={demo.stolen} />
      </dl>
      <p className="row between small soft">
        <span>{text.model(model)}</span>
        <span className="num">{text.progress(demo.tickets.length, demo.total)}</span>
      </p>
      <progress className="progress" aria-label={text.tickets} value={demo.tickets.length} max={Math.max(1, demo.total)} />
    </section>
  );
}

function Total({ tone, icon, name, value }: { tone: string; icon: IconName; name: string; value: number }): ReactNode {
  return (
    <div className={`total ${tone}`}>
      <dt>
        <Icon name={icon} />
        {name}
      </dt>
      <dd className="value">{formatCount(value)}</dd>
    </div>
  );
}

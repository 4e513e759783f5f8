// After the demo: what to do next, the waiting refund first.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Demo } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';

const text = strings.demo.next;

export function DemoNext({ demo }: { demo: Demo }): ReactNode {
  const waiting = demo.tickets.find(({ state, approval }) => state === 'waiting' && approval !== null);
  const thefts = demo.tickets.filter(({ state, run }) => state === 'blocked' && run !== null);
  // A call that died shows more than a model's answer that did.
  const blocked = thefts.find(({ reasons }) => reasons.some(({ code }) => code.startsWith('POLICY_'))) ?? thefts[0];
  return (
    <section className="sheet stack tight" aria-labelledby="next">
      <h2 id="next">{text.title}</h2>
      <ol className="nexts">
        {waiting?.approval == null ? null : (
          <Next icon="wait" sentence={text.approve}>
            <Link className="button primary" to="/inbox/$id" params={{ id: waiting.approval }}>
              {text.approveAction}
            </Link>
          </Next>
        )}
        {blocked?.run == null ? null : (
          <Next icon="search" sentence={text.trace}>
            <Link className="button" to="/runs/$id" params={{ id: blocked.run }}>
              {text.traceAction}
            </Link>
          </Next>
        )}
        <Next icon="plug" sentence={text.connect}>
          <Link className="button" to="/connect">
            {text.connectAction}
          </Link>
        </Next>
      </ol>
    </section>
  );
}

function Next({ icon, sentence, children }: { icon: IconName; sentence: string; children: ReactNode }): ReactNode {
  return (
    <li>
      <Icon name={icon} size={20} />
      <span>{sentence}</span>
      {children}
    </li>
  );
}

// Step 3: waits for the first call of the program and ticks itself.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connect } from '../../api/connect.ts';
import { strings } from '../../strings/en.ts';
import { faultOf } from '../../ui/fault-line.tsx';
import { Time } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { FaultNote } from './connect-fault.tsx';

const text = strings.connect.first;

export function FirstCall({ first, fault }: { first: Connect['firstCall']; fault: unknown }): ReactNode {
  return (
    <>
      <div role="status" aria-live="polite">
        {first === null ? (
          <p className="row waiting">
            <span className="pulse" aria-hidden="true" />
            {text.waiting}
          </p>
        ) : (
          <p className="row arrived">
            <Icon name="good" size={20} />
            <b>{text.arrived}</b>
            <span className="small soft">
              <Time iso={first.at} />
            </span>
          </p>
        )}
      </div>
      {fault === null || fault === undefined ? null : <FaultNote fault={faultOf(fault)} />}
      {first === null ? (
        <>
          <p className="soft small">{text.lead}</p>
          <details>
            <summary>{text.help}</summary>
            <ul className="points small">
              {text.helpPoints.map((point) => (
                <li key={point}>
                  <Icon name="info" size={14} />
                  <span>{point}</span>
                </li>
              ))}
            </ul>
          </details>
        </>
      ) : (
        <div>
          <Link className="button primary" to="/calls/$id" params={{ id: first.call }}>
            {text.open}
            <Icon name="arrow" />
          </Link>
        </div>
      )}
    </>
  );
}

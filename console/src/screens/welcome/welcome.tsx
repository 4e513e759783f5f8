// The first screen of an installation with nothing in it: two ways to begin. It stays reachable afterwards.

import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { demoQuery } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { useLook } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { rememberWelcome } from './first-visit.ts';

const text = strings.welcome;

export function WelcomeScreen(): ReactNode {
  useEffect(rememberWelcome, []);
  const isRunning = (useLook('demo.view', demoQuery).data?.state ?? 'off') !== 'off';
  return (
    <Page title={text.headline} name={text.title} lead={text.lead}>
      <section className="ways" aria-label={text.choices}>
        <Way icon="play" title={text.demo.title} lead={text.demo.lead} points={text.demo.points}>
          <Link to="/demo" className="button primary large">
            {isRunning ? text.demo.resume : text.demo.action}
            <Icon name="arrow" />
          </Link>
        </Way>
        <Way icon="plug" title={text.connect.title} lead={text.connect.lead} points={text.connect.points}>
          <Link to="/connect" className="button large">
            {text.connect.action}
            <Icon name="arrow" />
          </Link>
        </Way>
      </section>
      <p className="row small">
        <Link to="/">{text.skip}</Link>
        <a href="/docs/">{text.docs}</a>
      </p>
    </Page>
  );
}

interface WayProps {
  readonly icon: IconName;
  readonly title: string;
  readonly lead: string;
  readonly points: readonly string[];
  readonly children: ReactNode;
}

function Way({ icon, title, lead, points, children }: WayProps): ReactNode {
  return (
    <article className="sheet way">
      <span className="emblem">
        <Icon name={icon} size={24} />
      </span>
      <h2>{title}</h2>
      <p>{lead}</p>
      <ul className="points">
        {points.map((point) => (
          <li key={point}>
            <Icon name="good" size={14} />
            <span>{point}</span>
          </li>
        ))}
      </ul>
      {children}
    </article>
  );
}

// Says aloud what happens in the demo: politely, at most every few seconds, and the newest state only.

import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Demo } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';
import { newsOf } from './demo-count.ts';

/** A sentence needs about that long to be spoken. */
const PAUSE_MS = 4_000;

export function DemoLive({ demo }: { demo: Demo }): ReactNode {
  const [words, setWords] = useState('');
  const newest = useRef(demo);
  const said = useRef(demo);
  newest.current = demo;
  useEffect(() => {
    const timer = setInterval(() => {
      const now = newest.current;
      if (now === said.current) return;
      const news = newsOf(said.current.tickets, now);
      const end = now.state === 'finished' && said.current.state !== 'finished' ? ` ${strings.demo.live.finished}` : '';
      said.current = now;
      if (news + end !== '') setWords(news + end);
    }, PAUSE_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {words}
    </p>
  );
}

// The exact words of a waiting call: asked for by a press, kept in this component alone, and gone after the time the server names.
// Who reads them is on record before they arrive.

import { type ReactNode, useEffect, useState } from 'react';
import { type Ask, readWords, type Words } from '../../api/inbox.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';
import { Excerpts } from './excerpts.tsx';

const text = strings.inbox;

export function ExactWords({ ask }: { ask: Ask }): ReactNode {
  const { fault, isWorking, run } = useWork();
  const [words, setWords] = useState<Words | null>(null);
  useEffect(() => {
    if (words === null) return undefined;
    const timer = setTimeout(() => setWords(null), words.expiresInSeconds * 1000);
    return () => clearTimeout(timer);
  }, [words]);
  if (ask.masked === 0 || ask.state !== 'pending') return null;
  const look = async (): Promise<void> => setWords(await readWords(ask));
  return (
    <div className="stack tight">
      {ask.doubts === null ? <p className="small soft">{text.masked(ask.masked)}</p> : null}
      <div aria-live="polite" className="stack tight">
        {words === null || ask.doubts !== null ? null : <p className="effect">{words.sentence}</p>}
        {ask.doubts === null ? null : <Excerpts excerpts={words?.excerpts ?? ask.doubts.excerpts} left={ask.doubts.left} />}
      </div>
      {words === null ? (
        <div>
          <MayButton
            action="approvals.decide"
            on={{ kind: 'integration', name: ask.integration }}
            isPending={isWorking}
            onClick={() => void run(look)}
          >
            {text.showExact}
          </MayButton>
        </div>
      ) : (
        <div className="row">
          <Button onClick={() => setWords(null)}>{text.hideExact}</Button>
          <span className="small soft">{text.hidesAfter(words.expiresInSeconds)}</span>
        </div>
      )}
      <FaultLine fault={fault} />
    </div>
  );
}

// The exact words of a waiting call: asked for by a press, kept in this component alone, and gone after the time the server names.
// Who reads them is on record before they arrive.

import { type ReactNode, useEffect, useState } from 'react';
import { type Ask, readWords } from '../../api/inbox.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.inbox;

export function ExactWords({ ask }: { ask: Ask }): ReactNode {
  const { fault, isWorking, run } = useWork();
  const [words, setWords] = useState<{ readonly sentence: string; readonly seconds: number } | null>(null);
  useEffect(() => {
    if (words === null) return undefined;
    const timer = setTimeout(() => setWords(null), words.seconds * 1000);
    return () => clearTimeout(timer);
  }, [words]);
  if (ask.masked === 0 || ask.state !== 'pending') return null;
  const look = async (): Promise<void> => {
    const { sentence, expiresInSeconds } = await readWords(ask);
    setWords({ sentence, seconds: expiresInSeconds });
  };
  return (
    <div className="stack tight">
      <p className="small soft">{text.masked(ask.masked)}</p>
      <div aria-live="polite">{words === null ? null : <p className="effect">{words.sentence}</p>}</div>
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
          <span className="small soft">{text.hidesAfter(words.seconds)}</span>
        </div>
      )}
      <FaultLine fault={fault} />
    </div>
  );
}

// What was asked and answered, redacted by the server. Read only when a person presses the button, because that is recorded.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiFault } from '../../api/client.ts';
import { contentQuery, type Phase, type Run, type RunContent } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { MayButton } from '../../ui/may.tsx';
import { Failed, Loading, Notice } from '../../ui/states.tsx';

const text = strings.traceContent;
/** `<EMAIL_1>`, `[PERSON]`: what stands for a value. */
const PLACEHOLDER = /([<[][A-Z][A-Z_]*(?:_\d+)?[>\]])/;

export function ContentPanel({ run, phase }: { run: Run; phase: Phase | null }): ReactNode {
  const query = useQuery(contentQuery(run.id));
  const read = (): void => void query.refetch();
  const fault = query.error instanceof ApiFault ? query.error : null;
  if (run.kind === 'outside' || (fault !== null && isGone(fault))) return <Unavailable fault={fault} />;
  if (query.isFetching && query.data === undefined) return <Loading />;
  if (query.error !== null && query.data === undefined) return <Failed fault={query.error} onRetry={read} />;
  if (query.data === undefined) {
    return (
      <Notice icon="lock" title={text.show}>
        <p>{text.lead}</p>
        <p>{text.recorded}</p>
        <MayButton action="runs.content" look="primary" onPress={read}>
          {text.show}
        </MayButton>
      </Notice>
    );
  }
  const shown = query.data.contents.find((each) => each.step === phase?.step && each.phase === phase.phase);
  return (
    <div className="stack">
      <div className="row between">
        <p className="small soft grow">
          {text.lead} {text.recorded}
        </p>
        <Button look="quiet" isPending={query.isFetching} onPress={read}>
          {text.again}
        </Button>
      </div>
      {shown === undefined || (shown.asked === null && shown.gave === null) ? <p>{text.nothing}</p> : <Exchange shown={shown} />}
    </div>
  );
}

/** Not kept, erased since, or closed because somebody changed it: the server's own sentence says which. */
const isGone = ({ status, code }: ApiFault): boolean => status === 404 || status === 410 || code.startsWith('WORKFLOWS_');

function Unavailable({ fault }: { fault: ApiFault | null }): ReactNode {
  return (
    <Notice icon="lock" title={text.unavailableTitle}>
      <p>{fault?.message || text.unavailableLead}</p>
      {fault === null ? null : <code>{fault.code}</code>}
    </Notice>
  );
}

function Exchange({ shown }: { shown: RunContent }): ReactNode {
  return (
    <>
      {[
        { name: text.asked, words: shown.asked },
        { name: text.gave, words: shown.gave },
      ].map(({ name, words }) =>
        words === null ? null : (
          <section key={name} className="stack tight">
            <h3>{name}</h3>
            <pre className={`code-block ${/^[[{]/.test(words) ? '' : 'words'}`}>
              <Redacted words={words} />
            </pre>
          </section>
        ),
      )}
      {shown.truncated ? <p className="small soft">{text.shortened}</p> : null}
    </>
  );
}

/** Text with its placeholders marked, so that nobody takes one for what was really written. */
function Redacted({ words }: { words: string }): ReactNode {
  return words.split(PLACEHOLDER).map((part, nth) =>
    nth % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have a fixed order.
      <mark key={nth} className="placeholder">
        {part}
      </mark>
    ),
  );
}

// Before the demo: what it will show, which model answers, and the button. After a fault: the same, with the fault said.

import { type ReactNode, useState } from 'react';
import { type Demo, type ModelChoice, startDemo } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Icon } from '../../ui/icons.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.demo;
const CAPTURED = 'captured';
const keyOf = ({ integration, model }: ModelChoice): string => `${integration}/${model}`;

export function DemoStart({ demo, onStarted }: { demo: Demo; onStarted: () => void }): ReactNode {
  const { fault, isWorking, run } = useWork();
  const [chosen, setChosen] = useState(CAPTURED);
  const code = fault?.code ?? demo.fault;
  const model = demo.providers.find((provider) => keyOf(provider) === chosen) ?? null;
  async function start(): Promise<void> {
    await run(() => startDemo(model));
    onStarted();
  }
  return (
    <>
      {code === null ? null : <DemoFault code={code} sentence={fault?.message ?? ''} />}
      <section className="sheet start">
        <div className="stack tight">
          <h2>{text.start.title}</h2>
          <ol className="plan">
            {text.start.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
        <div className="stack tight">
          <Choice
            label={text.start.model}
            value={chosen}
            onChange={setChosen}
            options={[
              { value: CAPTURED, name: text.start.captured, note: text.start.capturedNote },
              ...demo.providers.map((provider) => ({
                value: keyOf(provider),
                name: text.start.provider(provider.integration, provider.model),
                note: text.start.providerNote,
              })),
            ]}
          />
          <MayButton action="demo.manage" look="primary" size="large" isPending={isWorking} onPress={() => void start()}>
            <Icon name="play" />
            {isWorking ? text.start.starting : demo.fault === null ? text.start.action : strings.tryAgain}
          </MayButton>
        </div>
      </section>
    </>
  );
}

/** What went wrong, while what has happened so far stays where it is. */
export function DemoFault({ code, sentence }: { code: string; sentence: string }): ReactNode {
  return (
    <Callout tone="bad" isAlert>
      <p className="saying">{text.failedTitle}</p>
      <p className="small">{sentence === '' ? text.failedLead : sentence}</p>
      <p className="small">
        {strings.states.code} <code>{code}</code>
      </p>
    </Callout>
  );
}

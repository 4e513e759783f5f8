// Writing an assessment of something down: what a person judges; what is there was found by itself.

import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type AssessedSubject, recordAssessment } from '../../api/assessments.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { DateTimeInput, Select, TextInput } from '../../ui/fields.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { subjectName, Triggers } from './words.tsx';

const text = strings.assessments;
const NEEDED = ['purpose', 'necessity', 'risks', 'measures'] as const;
const MORE = ['consulted', 'benefits', 'harms', 'dataKinds', 'keptFor', 'recipients', 'logic'] as const;
const MAX_WORDS = 8_000;

export function RecordForm({ subject, onClose }: { subject: AssessedSubject; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const say = useToast();
  const [content, setContent] = useState<Readonly<Record<string, string>>>({});
  const [residual, setResidual] = useState('low');
  const [reviewAt, setReviewAt] = useState<string | null>(null);
  const { fault, isWorking, run } = useWork();
  const isReady = NEEDED.every((field) => (content[field] ?? '').trim() !== '');
  const field = (name: string): ReactNode => (
    <TextInput
      key={name}
      label={text.fields[name] ?? name}
      value={content[name] ?? ''}
      isLong
      onChange={(next) => setContent((known) => ({ ...known, [name]: next.slice(0, MAX_WORDS) }))}
    />
  );
  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      const version = subject.subject.startsWith('workflow:') ? subject.version : null;
      const { id } = await recordAssessment({ ...content, subject: subject.subject, version, residualRisk: residual, reviewAt });
      say(text.recorded);
      await client.invalidateQueries({ queryKey: ['assessments'] });
      await navigate({ to: '/data/assessments/$id', params: { id } });
    });
  }
  return (
    <form className="sheet stack tight" aria-labelledby="record" onSubmit={(event) => void send(event)}>
      <h2 id="record">{text.recordTitle(subjectName(subject.subject))}</h2>
      <Triggers triggers={subject.triggers} />
      {NEEDED.map(field)}
      <div className="filters">
        <Select
          label={text.residual}
          value={residual}
          hasAny={false}
          options={text.residuals}
          onChange={(next) => setResidual(next ?? 'low')}
        />
        <DateTimeInput label={text.reviewAt} value={reviewAt} onChange={setReviewAt} />
      </div>
      {residual === 'high' ? field('priorConsultation') : null}
      <details>
        <summary>{text.more}</summary>
        <div className="stack tight">{MORE.map(field)}</div>
      </details>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton action="assessments.manage" type="submit" look="primary" isDisabled={!isReady} isPending={isWorking}>
          {text.record}
        </MayButton>
        <Button onPress={onClose}>{strings.cancel}</Button>
      </div>
    </form>
  );
}

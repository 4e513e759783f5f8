// Imports a version from a folder of this computer. What is wrong with it is listed by file, line and part; nothing is stored then.

import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useId, useState } from 'react';
import type { ApiFault } from '../../api/client.ts';
import { importFiles } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { type Folder, readFolder } from './read-folder.ts';

const text = strings.workflows;

interface Mistake {
  readonly where: string;
  readonly part: string;
  readonly sentence: string;
}

export function ImportDialog({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const say = useToast();
  const [folder, setFolder] = useState<Folder | null>(null);
  const { fault, isWorking, run, clear } = useWork();
  async function choose(list: FileList | null): Promise<void> {
    clear();
    setFolder(list === null || list.length === 0 ? null : await readFolder([...list]));
  }
  const send = (files: Readonly<Record<string, string>>): Promise<boolean> =>
    run(async () => {
      const { name, hash, state } = await importFiles(files);
      say(state === 'draft' ? text.importedNow : text.importSame);
      onClose();
      await client.invalidateQueries({ queryKey: ['workflows'] });
      await navigate({ to: '/workflows/$name', params: { name }, search: { hash } });
    });
  return (
    <Dialog title={text.import} isOpen onClose={onClose}>
      <p>{text.importLead}</p>
      <Chooser label={text.chooseFolder} isFolder onChoose={choose} />
      <details>
        <summary>{text.chooseFiles}</summary>
        <Chooser label={text.chooseFiles} hint={text.filesHint} onChoose={choose} />
      </details>
      {folder === null ? null : <Chosen folder={folder} />}
      {fault === null ? null : <Mistakes fault={fault} />}
      <div className="row">
        <Button
          look="primary"
          isDisabled={folder === null || folder.fault !== null}
          isPending={isWorking}
          onPress={() => void send(folder?.files ?? {})}
        >
          {text.importYes}
        </Button>
        <Button onPress={onClose}>{strings.cancel}</Button>
      </div>
    </Dialog>
  );
}

interface ChooserProps {
  readonly label: string;
  readonly hint?: string;
  readonly isFolder?: boolean;
  readonly onChoose: (list: FileList | null) => Promise<void>;
}

function Chooser({ label, hint, isFolder = false, onChoose }: ChooserProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="file"
        className="input file"
        multiple
        {...(isFolder ? { webkitdirectory: '' } : {})}
        onChange={(event) => void onChoose(event.target.files)}
      />
      {hint === undefined ? null : <span className="soft">{hint}</span>}
    </div>
  );
}

function Chosen({ folder }: { folder: Folder }): ReactNode {
  const paths = Object.keys(folder.files);
  return (
    <div className="stack tight" role="status">
      <p className="small">
        <b>{text.chosen(paths.length)}</b> {paths.join(', ')}
      </p>
      {folder.skipped.length === 0 ? null : <p className="small soft">{text.skipped(folder.skipped.join(', '))}</p>}
      {folder.fault === null ? null : <p className="error small">{folder.fault}</p>}
    </div>
  );
}

function Mistakes({ fault }: { fault: ApiFault }): ReactNode {
  const mistakes = mistakesOf(fault);
  return (
    <div role="alert" className="stack tight mistakes">
      <p className="error">
        {mistakes.length === 0 ? fault.message || strings.states.failedLead : `${text.importFault} ${text.mistakes(mistakes.length)}:`}
      </p>
      <p className="small">
        {strings.states.code} <code>{fault.code}</code>
      </p>
      {mistakes.length === 0 ? null : (
        <Table
          caption={text.mistakes(mistakes.length)}
          rows={mistakes}
          keyOf={({ where, part, sentence }) => `${where} ${part} ${sentence}`}
          columns={[
            { key: 'where', head: text.where, cell: ({ where }) => <code>{where}</code> },
            { key: 'part', head: text.place, cell: ({ part }) => <code>{part}</code> },
            { key: 'sentence', head: text.mistake, cell: ({ sentence }) => sentence },
          ]}
        />
      )}
    </div>
  );
}

/** `steps.desk.agent: what is wrong`, each with the file and line beside it. */
function mistakesOf({ evidence }: ApiFault): readonly Mistake[] {
  const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
  const where = textsOf(evidence.where);
  return textsOf(evidence.problems).map((problem, index) => {
    const at = problem.indexOf(': ');
    return { where: where[index] ?? '', part: at < 0 ? '' : problem.slice(0, at), sentence: at < 0 ? problem : problem.slice(at + 2) };
  });
}

// The files of a version against those of another, line by line. Loaded on its own: comparing texts is the heavy part.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { type Version, versionQuery } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Answer } from '../../ui/states.tsx';
import { visible } from '../../ui/visible.ts';
import { DiffLines } from './diff-lines.tsx';
import { diffTexts, type Line } from './line-diff.ts';

const text = strings.workflows;

export function FileDiffs({ version }: { version: Version }): ReactNode {
  const { compared, name } = version;
  const base = useQuery({ ...versionQuery(name, { hash: compared?.hash ?? version.hash }), enabled: compared !== null });
  return (
    <section className="sheet stack tight" aria-labelledby="files">
      <h2 id="files">{compared === null ? text.filesAll : text.files}</h2>
      {compared === null ? (
        Object.entries(version.files).map(([path, content]) => <PlainFile key={path} path={path} content={content} />)
      ) : (
        <Answer query={base}>{({ files }) => <Compared before={files} after={version.files} />}</Answer>
      )}
    </section>
  );
}

type Files = Readonly<Record<string, string>>;

function Compared({ before, after }: { before: Files; after: Files }): ReactNode {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const changed = paths.filter((path) => before[path] !== after[path]);
  const same = paths.filter((path) => before[path] === after[path]);
  return (
    <>
      {changed.length === 0 ? <p>{text.filesNone}</p> : null}
      {changed.map((path) => (
        <FileDiff key={path} path={path} before={before[path] ?? null} after={after[path] ?? null} />
      ))}
      {changed.length === 0 || same.length === 0 ? null : <p className="small soft">{text.filesSame(same.length)}</p>}
      {same.map((path) => (
        <PlainFile key={path} path={path} content={after[path] ?? ''} />
      ))}
    </>
  );
}

function PlainFile({ path, content }: { path: string; content: string }): ReactNode {
  return (
    <details className="file">
      <summary>
        <code>{path}</code> <span className="small soft">{text.lines(content.replace(/\n$/, '').split('\n').length)}</span>
      </summary>
      <pre className="code-block">{visible(content)}</pre>
    </details>
  );
}

function FileDiff({ path, before, after }: { path: string; before: string | null; after: string | null }): ReactNode {
  const lines = useMemo(() => diffTexts(before ?? '', after ?? ''), [before, after]);
  const count = (kind: Line['kind']): number => lines.filter((line) => line.kind === kind).length;
  const said = before === null ? text.fileAdded : after === null ? text.fileRemoved : text.fileChanged(count('added'), count('removed'));
  return (
    <section className="file-diff" aria-label={`${path}: ${said}`}>
      <h3 className="row">
        <code>{path}</code>
        <span className="small soft">{said}</span>
      </h3>
      <DiffLines lines={lines} />
      {after !== null && after !== '' && !after.endsWith('\n') ? <p className="small soft">{text.noNewline}</p> : null}
    </section>
  );
}

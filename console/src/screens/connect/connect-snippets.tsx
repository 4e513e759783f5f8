// The address, the model and ready lines for four kinds of program, one of them shown at a time.

import { type ReactNode, useState } from 'react';
import { strings } from '../../strings/en.ts';
import { Choice } from '../../ui/choice.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { type SnippetKind, snippetOf } from './snippets-of.ts';

const text = strings.connect.key;
type Kind = SnippetKind | 'n8n';

export function Snippets({ baseUrl, apiKey, model }: { baseUrl: string; apiKey: string | null; model: string }): ReactNode {
  const [kind, setKind] = useState<Kind>('curl');
  const facts = { baseUrl, apiKey: apiKey ?? text.placeholder, model };
  const snippet = kind === 'n8n' ? null : snippetOf(kind, facts);
  return (
    <div className="stack tight">
      <dl className="facts">
        <dt>{text.baseUrl}</dt>
        <dd>
          <code>{baseUrl}</code>
        </dd>
        <dt>{text.model}</dt>
        <dd>
          <code>{model}</code>
        </dd>
      </dl>
      <Choice
        label={text.snippet}
        value={kind}
        onChange={(next) => setKind(next as Kind)}
        options={Object.entries(text.snippets).map(([value, name]) => ({ value, name }))}
        isRow
      />
      {snippet === null ? (
        <ol className="plan">
          {text.n8n.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ol>
      ) : (
        <div className="copyable">
          <pre className="code-block">{snippet}</pre>
          <CopyButton value={snippet}>{text.copySnippet}</CopyButton>
        </div>
      )}
    </div>
  );
}

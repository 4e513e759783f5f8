// The proof of one event: recomputed here, drawn from the hashes that were computed, as a table, and as a command for whoever trusts neither
// this page nor this server. What was not computed is not drawn.

import { type ReactNode, useEffect, useState } from 'react';
import { ledgerQuery, type SealedEvent } from '../../api/audit.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { formatCount, formatMoment } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { useLook } from '../../ui/may.tsx';
import { useIsWide } from '../../ui/use-media.ts';
import { hexOf } from './merkle.ts';
import { ProofTable } from './proof-table.tsx';
import { ProofTree } from './proof-tree.tsx';
import { browserCrypto, type ProvedEvent, type Recomputed, recompute } from './recompute.ts';

const text = strings.proof;

export function EventProofPart({ event }: { event: SealedEvent }): ReactNode {
  if (event.proof !== null) return <Proved event={{ ...event, proof: event.proof }} />;
  return (
    <section className="sheet stack tight" aria-labelledby="proof">
      <h2 id="proof">{text.title}</h2>
      <p className="row snug">
        <Icon name="warn" />
        {text.missing}
      </p>
    </section>
  );
}

function Proved({ event }: { event: ProvedEvent }): ReactNode {
  const { seq, proof } = event;
  const verifierKey = useLook('ledger.view', ledgerQuery).data?.verifierKey ?? null;
  const found = useRecomputed(event, verifierKey);
  const hashes = proof.path.length + proof.head.path.length;
  return (
    <section className="sheet stack tight" aria-labelledby="proof">
      <div className="row between">
        <div>
          <h2 id="proof">{text.title}</h2>
          <p className="small soft measure">{text.lead(formatCount(seq), formatCount(proof.head.size), formatCount(hashes))}</p>
        </div>
        <CopyButton value={`${JSON.stringify({ seq, leaf: event.leaf, proof }, null, 2)}\n`}>{text.copyProof}</CopyButton>
      </div>
      <Outcome found={found} />
      {found === 'working' || found === null ? null : (
        <>
          <Drawing event={event} found={found} />
          <ProofTable event={event} found={found} />
        </>
      )}
      <div className="stranger">
        <p className="small">{text.stranger}</p>
        <code className="secret">{text.command(String(seq))}</code>
      </div>
    </section>
  );
}

/** `null` where the browser has no cryptography for this page. */
function useRecomputed(event: ProvedEvent, verifierKey: string | null): Recomputed | 'working' | null {
  const [found, setFound] = useState<Recomputed | 'working' | null>('working');
  useEffect(() => {
    let isWanted = true;
    const deps = browserCrypto();
    if (deps === null) setFound(null);
    else
      void recompute(event, verifierKey, deps).then((answer) => {
        if (isWanted) setFound(answer);
      });
    return () => {
      isWanted = false;
    };
  }, [event, verifierKey]);
  return found;
}

function Outcome({ found }: { found: Recomputed | 'working' | null }): ReactNode {
  const isSigned = found !== null && found !== 'working' && found.signatures.some(({ by, isValid }) => by === 'log' && isValid === true);
  return (
    <div role="status" aria-live="polite">
      {found === null ? (
        <p className="verdict-line warn">{text.noCrypto}</p>
      ) : found === 'working' ? (
        <p className="verdict-line">{text.checking}</p>
      ) : found.broken === null ? (
        <div className="verdict-line good">
          <p className="headline row snug">
            <Icon name="good" />
            {text.matches}
          </p>
          <p>{isSigned ? text.matchesLead : text.unsignedLead}</p>
        </div>
      ) : (
        <div className="verdict-line bad">
          <p className="headline row snug">
            <Icon name="bad" />
            {text.broken}
          </p>
          <p>{text.steps[found.broken]}</p>
          <p>{text.brokenAct}</p>
        </div>
      )}
    </div>
  );
}

function Drawing({ event, found }: { event: ProvedEvent; found: Recomputed }): ReactNode {
  const isWide = useIsWide();
  const { seq, proof } = event;
  const { zones } = text;
  const isReached = (...steps: readonly (typeof found.broken)[]): boolean => !steps.includes(found.broken);
  const hasTenant = isReached('leaf', 'tenant');
  const hasGlobal = hasTenant && isReached('global');
  const size = formatCount(proof.head.size);
  const lines = formatCount(proof.globalSize);
  return (
    <div className={`proof-drawing ${found.broken === null ? '' : 'broken'}`}>
      <Band name={zones.event} note={zones.eventNote(formatCount(seq))} hash={hexOf(found.leafHash)} isBad={found.broken === 'leaf'} />
      {hasTenant ? (
        <ProofTree
          rungs={found.tenant}
          title={text.drawing(text.eventOf(formatCount(seq)), size, formatCount(found.tenant.length))}
          hasHashes={isWide}
        />
      ) : (
        <Break />
      )}
      <Band
        name={zones.tenantRoot}
        note={`${zones.tenantNote(size)}; ${zones.head(formatCount(proof.head.index))} ${lines}`}
        hash={hasTenant ? hexOf(found.tenant.at(-1)?.result ?? found.leafHash) : null}
        isBad={found.broken === 'tenant'}
      />
      {hasGlobal ? (
        <ProofTree
          rungs={found.global}
          title={text.drawing(text.lineOf(formatCount(proof.head.index)), lines, formatCount(found.global.length))}
          hasHashes={isWide}
        />
      ) : (
        <Break />
      )}
      <Band
        name={zones.globalRoot}
        note={zones.globalNote(lines)}
        hash={hasGlobal && found.headHash !== null ? hexOf(found.global.at(-1)?.result ?? found.headHash) : null}
        isBad={found.broken === 'global'}
      />
      <Signed event={event} found={found} />
    </div>
  );
}

function Band({ name, note, hash, isBad }: { name: string; note: string; hash: string | null; isBad: boolean }): ReactNode {
  return (
    <div className={`band ${isBad ? 'bad' : ''}`}>
      <p>
        <b>{name}</b> <span className="small soft">{note}</span>
      </p>
      {hash === null ? null : <code title={hash}>{hash}</code>}
    </div>
  );
}

/** Where a line of the drawing would be, had it been computed. */
const Break = (): ReactNode => (
  <p className="break" aria-hidden="true">
    <Icon name="bad" />
  </p>
);

/** Who signed the root, and who saw it. */
function Signed({ event: { anchors, proof }, found }: { event: ProvedEvent; found: Recomputed }): ReactNode {
  const log = found.signatures.filter(({ by }) => by === 'log');
  const others = found.signatures.filter(({ by }) => by === 'other');
  return (
    <div className={`band checkpoint ${found.broken === 'checkpoint' || found.broken === 'signature' ? 'bad' : ''}`}>
      <p>
        <b>{text.zones.checkpoint}</b>{' '}
        <span className="small soft">
          {text.epoch} {formatCount(proof.epoch)}
        </span>
      </p>
      <ul className="seals">
        {log.map(({ name, isValid }) => (
          <li key={name}>
            <Badge tone={isValid === null ? 'plain' : isValid ? 'good' : 'bad'}>
              {isValid === null ? text.signature.unchecked : isValid ? text.signature.valid : text.signature.invalid}
            </Badge>
            <span>
              {text.signedBy} <code>{name}</code>
            </span>
          </li>
        ))}
        {others.map(({ name, seenAt }) => (
          <li key={name}>
            <Badge tone="plain">{text.signature.unchecked}</Badge>
            <span>
              {name === proof.note.split('\n', 1)[0] ? text.otherKey : text.cosigned} <code>{name}</code>
              {seenAt === null ? null : <span className="soft"> {text.cosignedAt(formatMoment(seenAt))}</span>}
            </span>
          </li>
        ))}
      </ul>
      <p className="small soft">{anchors.length === 0 ? text.noAnchors : text.zones.seen}</p>
      <ul className="seals">
        {anchors.map(({ name, kind, at }) => (
          <li key={`${kind} ${name}`}>
            <Icon name="link" />
            <span>
              {text.anchorKinds[kind] ?? kind} {name === kind ? null : <b>{name}</b>} <span className="soft">{formatMoment(at)}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

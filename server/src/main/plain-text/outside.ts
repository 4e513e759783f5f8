// Places outside of the installation, and the ways to them: models, shops and tools with what really went there, and whom the server itself asks
// or tells.

import type { Facts, IntegrationFacts } from './facts.ts';
import { built, count, hop, type Picture, type Place, place, seen, WAYS } from './parts.ts';
import { type Detail, type Hop, outbound } from './wires.ts';

/** What a recipient really got: what was sent as it is, and what as a placeholder. */
function went({ kind, classes }: IntegrationFacts): Detail {
  const clear = classes.filter(({ handling }) => handling === 'clear').length;
  const hidden = classes.filter(({ handling }) => handling === 'tokenise' || handling === 'mask').length;
  if (classes.length === 0) return seen('nothing personal went there yet');
  const parts = [
    clear > 0 ? `${count(clear, 'kind of data', 'kinds of data')} as it is` : null,
    hidden > 0 ? `${count(hidden, 'kind', 'kinds')} as placeholders or masked` : null,
  ].filter((part) => part !== null);
  return seen(
    `${kind === 'model' ? 'the provider saw' : 'it was sent'} ${parts.length === 0 ? 'nothing that was let through' : parts.join(', ')}`,
  );
}

export function integrations(all: readonly IntegrationFacts[]): Picture {
  const places = all.map((one) =>
    place(`integration:${one.name}`, one.kind === 'model' ? 'model' : 'integration', {
      name: one.name,
      state: 'clear_to_recipient',
      evidence: [
        built(
          one.kind === 'model'
            ? 'a model’s provider reads what it is sent, whatever protects the way there'
            : 'whoever runs it reads what it is sent, and has its own data in clear',
        ),
        went(one),
        ...(one.isSample ? [built('sample data of the demo')] : []),
      ],
      warnings: [],
      classes: one.classes,
    }),
  );
  return { places, hops: all.map((one) => hop('server', `integration:${one.name}`, outbound(one.origin, one.name))) };
}

/** Who lets people of the tenant in knows them; the server asks it about each, and sends a secret of its own. */
export function logins(all: Facts['logins']): Picture {
  const told = built('it knows the staff it lets in, and tells who they are; it is sent nothing of a customer');
  return {
    places: all.map(({ name }) =>
      place(`login:${name}`, 'company_login', { name, state: 'clear_to_recipient', evidence: [told], warnings: [] }),
    ),
    hops: all.map(({ name, issuer }) => hop('server', `login:${name}`, outbound(issuer, name))),
  };
}

export function ownCalls({ config, keyFile }: Facts): Picture {
  const places: Place[] = [];
  const hops: Hop[] = [];
  const { service } = keyFile;
  if (service !== null) {
    const told = built('it is asked at the start and at a rotation, and sees the key of the key file, no data');
    places.push(
      place('key_service', 'key_service', {
        name: WAYS[keyFile.sealedBy ?? ''] ?? null,
        state: 'clear_to_recipient',
        evidence: [told],
        warnings: [],
      }),
    );
    hops.push(hop('server', 'key_service', outbound(service, 'The key service')));
  }
  for (const [id, url, what] of [
    ['alerts', config.alertWebhook, 'The receiver of alerts'],
    ['checkpoints', config.anchorWebhook, 'The receiver of checkpoints'],
  ] as const) {
    if (url === null) continue;
    const told = built(id === 'alerts' ? 'rules, codes and ids, signed; no value of anybody' : 'hashes and signatures of the log');
    places.push(place(`webhook:${id}`, 'webhook', { name: id, state: 'nothing', evidence: [told], warnings: [] }));
    hops.push(hop('server', `webhook:${id}`, outbound(new URL(url).origin, what)));
  }
  return { places, hops };
}

// THE guard: whatever crosses the border crosses it here. The body is the ordered list of stages and nothing else;
// skipping or reordering one must show in a diff of this function.

import { isRefusal, type Received } from '#core';
import type { GuardDeps } from './ports.ts';
import { askAboutDoubts } from './stages/ask-doubts.ts';
import { authenticate } from './stages/authenticate.ts';
import { authorize } from './stages/authorize.ts';
import { commit } from './stages/commit.ts';
import { withinDataClasses } from './stages/data-classes.ts';
import { requireIdentities } from './stages/identities.ts';
import { label } from './stages/label.ts';
import { narrow } from './stages/narrow.ts';
import { withinOptOuts } from './stages/opt-out.ts';
import { type GuardResult, openOutcome } from './stages/outcome.ts';
import { watchAnswer, watchReply, withinPlanted } from './stages/planted.ts';
import { withinReaders } from './stages/readers.ts';
import { acceptOperation, releaseModel, releaseOperation } from './stages/release.ts';
import { render } from './stages/render.ts';
import { resolveFacts } from './stages/resolve-facts.ts';
import { screen } from './stages/screen.ts';
import { screenOutput } from './stages/screen-output.ts';
import { enterSegment, withinSegment } from './stages/segment.ts';
import { send } from './stages/send.ts';
import { withinToken } from './stages/token-scope.ts';
import { admitArguments, admitPrompt } from './stages/transfer.ts';
import { openStanding } from './standing.ts';
import type { ModelProtocol, Reply } from './types.ts';

/** What a surface brings: where the reply goes, and how to read the words in a model's reply. */
export interface Surface {
  readonly reply: Reply;
  readonly protocol: ModelProtocol;
}

export async function guard(deps: GuardDeps, received: Received, surface: Surface): Promise<GuardResult> {
  const outcome = openOutcome(deps, received);
  const standing = openStanding(deps, received);
  try {
    const identified = await authenticate(deps, standing.received);
    if (isRefusal(identified)) return outcome.refused('authenticate', identified);
    outcome.identified(identified);
    standing.watch(identified);
    const known = requireIdentities(identified);
    if (isRefusal(known)) return outcome.refused('identities', known);
    const narrowed = narrow(known);
    if (isRefusal(narrowed)) return outcome.refused('narrow', narrowed);
    const entered = await enterSegment(deps, narrowed);
    if (isRefusal(entered)) return outcome.refused('segment', entered);
    const labelled = await label(deps, entered);
    if (isRefusal(labelled)) return outcome.refused('label', labelled);
    outcome.labelled(labelled);
    const carried = withinToken(deps, labelled);
    if (isRefusal(carried)) return outcome.refused('token_scope', carried);
    const inside = withinSegment(carried);
    if (isRefusal(inside)) return outcome.refused('segment', inside);
    const wanted = await withinOptOuts(deps, inside);
    if (isRefusal(wanted)) return outcome.refused('opt_out', wanted);
    const screened = screen(deps, wanted);
    if (isRefusal(screened)) return outcome.refused('screen', screened);
    const permitted = await withinDataClasses(deps, screened);
    if (isRefusal(permitted)) return outcome.refused('data_classes', permitted);
    const readable = await withinReaders(deps, permitted);
    if (isRefusal(readable)) return outcome.refused('readers', readable);
    const admitted = admitArguments(deps, readable);
    if (isRefusal(admitted)) return outcome.refused('transfer', admitted);
    const resolved = await resolveFacts(deps, admitted);
    if (isRefusal(resolved)) return outcome.refused('resolve_facts', resolved);
    const authorized = await authorize(deps, resolved);
    if (isRefusal(authorized)) return outcome.refused('authorize', authorized);
    const rendered = await render(deps, authorized);
    if (isRefusal(rendered)) return outcome.refused('render', rendered);
    const carrying = admitPrompt(deps, rendered);
    if (isRefusal(carrying)) return outcome.refused('transfer', carrying);
    const decided = await askAboutDoubts(deps, carrying);
    if (isRefusal(decided)) return outcome.refused('ask_doubts', decided);
    const unplanted = withinPlanted(deps, decided);
    if (isRefusal(unplanted)) return outcome.refused('planted', unplanted);
    if (standing.lost !== null) return outcome.refused('standing', standing.lost);
    const committed = await commit(deps, unplanted);
    if (isRefusal(committed)) return outcome.refused('commit', committed);
    outcome.committed(committed);
    const sent = await send(deps, committed);
    if (isRefusal(sent)) return outcome.refused('send', sent);
    outcome.sent(sent);
    watchAnswer(deps, sent);

    const { request } = sent.received;
    if (request.kind === 'model') {
      const { hooks, report } = screenOutput(deps, sent, surface.protocol.declaredTools(request.body));
      const withheld = await releaseModel(deps, sent, surface.protocol, watchReply(deps, sent, hooks), surface.reply);
      return withheld === null ? outcome.released(sent.status, report) : outcome.refused('screen_output', withheld);
    }
    const accepted = await acceptOperation(deps, sent);
    if (isRefusal(accepted)) return outcome.refused('screen_output', accepted);
    outcome.effect(accepted);
    const released = outcome.released(accepted.status, null);
    // What a caller was told is durable first: a crash after this line can not make an effect look undone.
    await outcome.close();
    await releaseOperation(sent, accepted, surface.reply);
    return released;
  } catch (fault) {
    const ended = outcome.faulted(fault);
    return standing.lost === null ? ended : outcome.refused('standing', standing.lost);
  } finally {
    standing.end();
    await outcome.close();
  }
}

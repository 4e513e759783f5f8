// Finds personal data in a text: anchored recognisers and known values over every reading of it, spans in original offsets.
// Order is fixed: links and addresses first, so that names and numbers inside them do not tear them apart. Forwards nothing.

import type { Anchors } from './anchors.ts';
import { findAnchors } from './anchors.ts';
import { textInBase64 } from './base64.ts';
import { fitKnown } from './fit-known.ts';
import { type Guessing, guess } from './guess/guess.ts';
import type { KnownMatcher } from './known-matcher.ts';
import { mergeHits } from './merge-hits.ts';
import { readGroups } from './number-groups.ts';
import { type PatternMeter, patternMeter, searchPatterns } from './pattern-search.ts';
import { findLookAlikes } from './placeholder.ts';
import { recogniseCardCode, recogniseCards } from './recognise-card.ts';
import { recogniseEmail } from './recognise-email.ts';
import { recogniseIban, recogniseSsn } from './recognise-ids.ts';
import { recogniseIpv4, recogniseIpv6 } from './recognise-ip.ts';
import type { Link } from './recognise-link.ts';
import { isPersonalLink, linkPassword, readBareLink, readLink } from './recognise-link.ts';
import type { PhoneBudget, PhoneRegions } from './recognise-phone.ts';
import { arrangeRegions, DEFAULT_PHONE_REGIONS, groupsOutside, phoneBudget, phoneContext, recognisePhones } from './recognise-phone.ts';
import { recogniseAssignment, recogniseKeys } from './recognise-secret.ts';
import type { TenantPattern } from './tenant-patterns.ts';
import type { Hit, HitType, Report, Span } from './types.ts';
import type { View } from './views.ts';
import { canonicalView, compose, decodedView } from './views.ts';

export interface DetectOptions {
  readonly known?: KnownMatcher;
  /** Countries (ISO 3166 alpha-2) whose national phone numbers are expected, likeliest first. */
  readonly regions?: readonly string[];
  /** Also guess at people, streets and places that nobody named. */
  readonly guessing?: Guessing;
  /** What the tenant itself looks for. */
  readonly patterns?: readonly TenantPattern[];
  /** What those may cost, when several texts are one call. */
  readonly meter?: PatternMeter;
}

/** What one search of a text shares between its readings. */
export interface Search {
  readonly known: KnownMatcher | null;
  readonly phones: PhoneRegions;
  readonly budget: PhoneBudget;
  readonly lookAlikes: boolean;
  readonly guessing: Guessing | null;
  readonly patterns: readonly TenantPattern[];
  /** What its patterns may still cost. */
  readonly meter: PatternMeter;
  /** Types that may stay: they take nothing away from what stands within or beside them. */
  readonly clear: ReadonlySet<HitType>;
}

/** Escapes within escapes are followed so far; JSON in JSON in a URL needs three. */
const MAX_LAYERS = 3;
const NO_HITS: readonly Hit[] = Object.freeze([]);

function reporter(hits: Hit[]): Report {
  return (start, end, type, confidence) => {
    hits.push({ start, end, type, confidence, known: false, personal: true, plain: null, entry: null });
  };
}

function findLinks(text: string, anchors: Anchors, hits: Hit[]): readonly Link[] {
  const links: Link[] = [];
  let next = 0;
  const add = (link: Link | null): void => {
    if (link === null) return;
    links.push(link);
    next = Math.max(next, link.end);
    const personal = isPersonalLink(text, link);
    hits.push({ ...link, type: 'URL', confidence: 0.98, known: false, personal, plain: null, entry: null });
    const password = linkPassword(text, link);
    if (password !== null)
      hits.push({ ...password, type: 'SECRET', confidence: 0.9, known: false, personal: true, plain: null, entry: null });
  };
  for (const colon of anchors.colon) if (colon >= next && text.charCodeAt(colon + 1) === 47) add(readLink(text, colon));
  next = 0;
  for (const www of anchors.www) if (www >= next) add(readBareLink(text, www));
  return links.sort((left, right) => left.start - right.start);
}

const CARD_PARAMETER = /card|pan=|cc=|cc_/i;

/** Long numbers in links are ids of shops and platforms, unless the link itself says card. Asked in order of `start`. */
function linkFilter(text: string, links: readonly Link[]): (start: number, end: number) => boolean {
  let at = 0;
  return (start, end) => {
    while (at < links.length && (links[at] as Link).end <= start) at += 1;
    const link = links[at];
    if (link === undefined || start < link.start || end > link.end) return false;
    return !CARD_PARAMETER.test(text.slice(link.start, Math.min(link.end, link.start + 512)));
  };
}

/** Spans that overlap a stretch; asked in order of `from`, so that every span is passed once. */
function overlapping(spans: readonly Hit[]): (from: number, to: number) => Hit[] {
  let first = 0;
  return (from, to) => {
    while (first < spans.length && (spans[first] as Hit).end <= from) first += 1;
    let last = first;
    while (last < spans.length && (spans[last] as Hit).start < to) last += 1;
    return spans.slice(first, last);
  };
}

function append(hits: Hit[], more: readonly Hit[]): void {
  for (const hit of more) hits.push(hit);
}

function findNumbers(text: string, anchors: Anchors, links: readonly Link[], search: Search, hits: Hit[]): void {
  const isInLink = linkFilter(text, links);
  const accountsIn = overlapping(hits.filter((hit) => hit.type === 'IBAN'));
  for (let index = 0; index < anchors.clusters.length; index += 2) {
    const from = anchors.clusters[index] as number;
    const to = anchors.clusters[index + 1] as number;
    const inLink = isInLink(from, to);
    const found: Hit[] = [];
    const report = reporter(found);
    recogniseIpv4(text, from, to, report);
    const accounts = accountsIn(from, to);
    const all = readGroups(text, from, to);
    for (const groups of groupsOutside(all, accounts)) {
      if (!inLink) recogniseCards(text, groups, report);
      recogniseSsn(text, groups, report);
    }
    append(hits, found);
    if (inLink) continue;
    const taken = [...accounts, ...found].sort((left, right) => left.start - right.start);
    const context = phoneContext(text, from, search);
    for (const rest of groupsOutside(all, taken)) recognisePhones(text, rest, { context, report: reporter(hits) });
  }
}

/** Next to a card more words announce its verification value than elsewhere. */
const NEAR_CARD = 100;

function findCardCodes(text: string, anchors: Anchors, hits: Hit[]): void {
  const cards = hits.filter((hit) => hit.type === 'CARD');
  const report = reporter(hits);
  let next = 0;
  for (const at of anchors.short) {
    while (next < cards.length && (cards[next] as Hit).end + NEAR_CARD < at) next += 1;
    const near = next < cards.length && (cards[next] as Hit).start - NEAR_CARD < at;
    recogniseCardCode(text, at, near ? 'card' : 'anywhere', report);
  }
}

/** All recognisers over one reading, in its own offsets. */
function findInReading(text: string, anchors: Anchors, search: Search): Hit[] {
  const hits: Hit[] = [];
  const report = reporter(hits);
  if (anchors.long.length > 0) recogniseKeys(text, anchors.long, report);
  for (const at of anchors.at) recogniseEmail(text, at, report);
  const links = anchors.colon.length > 0 || anchors.www.length > 0 ? findLinks(text, anchors, hits) : [];
  let next = 0;
  for (const colon of anchors.colon) if (colon >= next && text.charCodeAt(colon + 1) !== 47) next = recogniseIpv6(text, colon, report);
  next = 0;
  for (const name of anchors.assignment) if (name >= next) next = recogniseAssignment(text, name, report);
  for (const at of anchors.iban) recogniseIban(text, at, report);
  findNumbers(text, anchors, links, search, hits);
  findCardCodes(text, anchors, hits);
  searchPatterns(search.patterns, text, { report, meter: search.meter });
  if (search.known !== null) append(hits, fitKnown(text, search.known.find(text), hits));
  if (search.guessing !== null) append(hits, guess(text, hits, search.guessing));
  if (search.lookAlikes && anchors.bracket.length > 0) findLookAlikes(text, anchors.bracket, report);
  return hits;
}

/** Text hidden in base64: the whole stretch becomes what was found within. */
function findEncoded(text: string, anchors: Anchors, search: Search, hits: Hit[], layer: number): void {
  for (let index = 0; index < anchors.long.length; index += 2) {
    for (const { start, end, decoded } of textInBase64(text, anchors.long[index] as number, anchors.long[index + 1] as number)) {
      const inner = mergeHits(findHits(decoded, { ...search, lookAlikes: false }, layer + 1).filter((hit) => hit.personal));
      // What may stay never speaks for what may not.
      const best = inner.find((hit) => !search.clear.has(hit.type)) ?? inner[0];
      if (best === undefined) continue;
      const type: HitType = inner.find((hit) => hit.type === 'SECRET' || hit.type === 'CARD')?.type ?? best.type;
      hits.push({
        start,
        end,
        type,
        confidence: best.confidence,
        known: inner.some((hit) => hit.known),
        personal: true,
        plain: null,
        entry: null,
      });
    }
  }
}

function findHits(text: string, search: Search, layer: number): Hit[] {
  const found: Hit[] = [];
  let view: View = canonicalView(text);
  let written: ((hit: Hit) => string) | null = null;
  for (let depth = layer; ; depth += 1) {
    const anchors = findAnchors(view.text);
    const hits = findInReading(view.text, anchors, search);
    if (depth < MAX_LAYERS) findEncoded(view.text, anchors, search, hits, depth);
    const asWritten = depth === layer && view.text === text;
    for (const hit of hits) found.push(asWritten ? hit : onOriginal(text, hit, view, written));
    const decoded = anchors.escaped && depth < MAX_LAYERS ? decodedView(view.text) : null;
    if (decoded === null) return found;
    const clean = canonicalView(decoded.text);
    written = ({ start, end }) => {
      const stretch = clean.toOriginal(start, end);
      return decoded.text.slice(stretch.start, stretch.end);
    };
    view = compose(view, compose(decoded, clean));
  }
}

/** The find in offsets of the original. A find in decoded text says how the value reads; disguised text stays as it was written. */
function onOriginal(text: string, hit: Hit, view: View, written: ((hit: Hit) => string) | null): Hit {
  const { start, end } = view.toOriginal(hit.start, hit.end);
  const plain = written === null ? null : written(hit);
  return { ...hit, start, end, plain: plain === text.slice(start, end) ? null : plain };
}

const NO_PATTERNS: readonly TenantPattern[] = Object.freeze([]);
const NO_TYPES: ReadonlySet<HitType> = new Set();

export function createSearch(options: DetectOptions, lookAlikes: boolean, clear: ReadonlySet<HitType> = NO_TYPES): Search {
  const { known, regions, guessing, patterns } = options;
  return {
    known: known ?? null,
    phones: regions === undefined ? DEFAULT_PHONE_REGIONS : arrangeRegions(regions),
    budget: phoneBudget(),
    lookAlikes,
    guessing: guessing ?? null,
    patterns: patterns ?? NO_PATTERNS,
    meter: options.meter ?? patternMeter(),
    clear,
  };
}

/** Merged finds, the caller's own look-alikes of placeholders among them when asked for. */
export function findAll(text: string, search: Search): readonly Hit[] {
  const hits = findHits(text, search, 0);
  if (hits.length === 0) return NO_HITS;
  return mergeHits(search.clear.size === 0 ? hits : hits.filter(({ type }) => !search.clear.has(type)));
}

/** What may stay and what may not, apart: an address in a link that may be seen is still an address. */
export function findApart(text: string, search: Search): { readonly kept: readonly Hit[]; readonly clear: readonly Hit[] } {
  if (search.clear.size === 0) return { kept: findAll(text, search), clear: NO_HITS };
  const hits = findHits(text, search, 0);
  const clear = hits.filter(({ type }) => search.clear.has(type));
  return { kept: mergeHits(hits.filter(({ type }) => !search.clear.has(type))), clear: mergeHits(clear) };
}

/** Personal data in the text. Links that carry nothing personal are listed with `personal: false`. */
export function detect(text: string, options: DetectOptions = {}): Span[] {
  const spans: Span[] = [];
  for (const { start, end, type, confidence, known, personal } of findAll(text, createSearch(options, false))) {
    if (type !== 'LITERAL') spans.push({ start, end, type, confidence, known, personal });
  }
  return spans;
}

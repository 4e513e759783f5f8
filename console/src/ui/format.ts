// Times, numbers and short forms, as the reader's locale writes them.

import type { ReactNode } from 'react';
import { createElement } from 'react';

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const monthOfYear = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const whole = new Intl.NumberFormat();
const MONEY = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/;

export const formatMoment = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? iso : moment.format(new Date(iso)));
export const formatDay = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? iso : day.format(new Date(iso)));
/** `2026-11`: a month of UTC. */
export const formatMonth = (text: string): string => monthOfYear.format(new Date(`${text}-01T00:00:00Z`));
/** The time of day alone. */
export const formatHour = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? iso : hour.format(new Date(iso)));
export const formatCount = (count: number): string => whole.format(count);

/** `12.00 EUR`, as the server writes it, in the reader's form. */
export function formatMoney(text: string): string {
  const [, amount, currency] = MONEY.exec(text) ?? [];
  if (amount === undefined || currency === undefined) return text;
  return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(Number(amount));
}

/** The cost of a model's answer: fractions of a cent are what it is about. */
export function formatCost(text: string): string {
  const [, amount, currency] = MONEY.exec(text) ?? [];
  if (amount === undefined || currency === undefined) return text;
  return new Intl.NumberFormat(undefined, { style: 'currency', currency, maximumFractionDigits: 6 }).format(Number(amount));
}

/** A moment: the hour when it was today, the date otherwise; the whole of it on hover and for machines. */
export function Time({ iso }: { iso: string }): ReactNode {
  const isToday = new Date(iso).toDateString() === new Date().toDateString();
  return createElement('time', { dateTime: iso, title: formatMoment(iso) }, isToday ? clock.format(new Date(iso)) : formatMoment(iso));
}

const span = (unit: string, digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits });
const SPANS = [
  { below: 1_000, of: 1, format: span('millisecond', 0) },
  { below: 60_000, of: 1_000, format: span('second', 1) },
  { below: 3_600_000, of: 60_000, format: span('minute', 1) },
  { below: 86_400_000, of: 3_600_000, format: span('hour', 1) },
  { below: Number.POSITIVE_INFINITY, of: 86_400_000, format: span('day', 1) },
] as const;

/** How long, in the unit a person would choose. */
export function formatSpan(ms: number): string {
  const { of, format } = SPANS.find(({ below }) => ms < below) ?? SPANS[4];
  return format.format(ms / of);
}

const SIZES = [
  { below: 1_000, of: 1, format: new Intl.NumberFormat(undefined, { style: 'unit', unit: 'byte' }) },
  { below: 1e6, of: 1e3, format: new Intl.NumberFormat(undefined, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 }) },
  { below: 1e9, of: 1e6, format: new Intl.NumberFormat(undefined, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }) },
  {
    below: Number.POSITIVE_INFINITY,
    of: 1e9,
    format: new Intl.NumberFormat(undefined, { style: 'unit', unit: 'gigabyte', maximumFractionDigits: 2 }),
  },
] as const;

/** How large, in the unit a person would choose. */
export function formatBytes(bytes: number): string {
  const { of, format } = SIZES.find(({ below }) => bytes < below) ?? SIZES[3];
  return format.format(bytes / of);
}

export const shortDigest = (digest: string): string => `${digest.slice(0, 8)} ${digest.slice(8, 16)}`;
export const shortId = (id: string): string => (id.length > 20 ? `${id.slice(0, 9)}…${id.slice(-6)}` : id);

// What a person would call this device in a list; a guess they can change.

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/CrOS/, 'Chromebook'],
  [/Linux/, 'Linux'],
];

export const deviceName = (): string => SYSTEMS.find(([form]) => form.test(navigator.userAgent))?.[1] ?? 'Passkey';

// What a person would call this device in a list; a guess they can change.

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android phone'],
  [/Windows/, 'Windows computer'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/CrOS/, 'Chromebook'],
  [/Linux/, 'Linux computer'],
];

export const deviceName = (): string => SYSTEMS.find(([form]) => form.test(navigator.userAgent))?.[1] ?? 'Passkey';

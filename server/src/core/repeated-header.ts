// Whether a request says something decisive twice. Servers differ in which of the two they believe, so neither is (RFC 9112, 3.2).

/** The first of these names that occurs more than once, in whatever case; null when none does. `rawHeaders` alternates names and values. */
export function firstRepeated(rawHeaders: readonly string[], decisive: ReadonlySet<string>): string | null {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    if (!decisive.has(name)) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

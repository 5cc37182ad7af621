/**
 * The path of a link that the server made for messages: it names the server's public address, which
 * need not be the one that this page was opened under.
 */
export function pathOf(url: string): string {
  const { pathname, search, hash } = new URL(url, window.location.origin)
  return pathname + search + hash
}

/** Where to go after the log-in: a path of this site, whatever the URL says. */
export function safeNext(next: string): string {
  return /^\/(?![/\\])/.test(next) ? next : '/'
}

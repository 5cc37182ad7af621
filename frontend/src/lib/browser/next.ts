/** Where to go after the log-in: a path of ours, whatever the address bar says. */
export function safeNext(next: string): string {
  return /^\/(?![/\\])/.test(next) ? next : '/'
}

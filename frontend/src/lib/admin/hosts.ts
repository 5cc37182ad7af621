import type { Host } from '@/api/types'
import { i18n } from '@/i18n'
import type { Look } from '@/lib/format/states'
import { plain } from '@/lib/format/text'

/** `root@10.0.0.8:2222`, without defaults; the minion id if Salt reaches the host. */
export function reachOf({ connection, address, name, user, port, minion }: Host): string {
  if (connection === 'local') return i18n.global.t('admin.hosts.local')
  if (connection === 'salt') return `salt: ${minion || name}`
  const place = address || name
  const whole = place.includes(':') ? `[${place}]` : place
  return `${user}@${whole}${port === 22 ? '' : `:${port}`}`
}

const CHECKS: Record<string, Look> = {
  ok: { tone: 'done', shape: 'check' },
  unreachable: { tone: 'refused', shape: 'cross' },
  unusable: { tone: 'refused', shape: 'alert' },
  unknown: { tone: 'waiting', shape: 'alert' },
}
export const checkLook = (result: string): Look =>
  CHECKS[result] ?? { tone: 'muted', shape: 'ring' }

/** A check that was requested longer ago than this is not being handled. */
const CHECK_LAPSES_MS = 10 * 60_000
export const isBeingChecked = (host: Pick<Host, 'check_requested_at'>, now: number): boolean =>
  host.check_requested_at !== null && now - Date.parse(host.check_requested_at) < CHECK_LAPSES_MS

/** The facts worth showing, the most common first; a host's own data is only shown as text. */
const ORDER = ['os', 'kernel', 'arch', 'cpus', 'memory', 'python']
export function factLines(facts: Record<string, unknown>): { key: string; value: string }[] {
  const rest = Object.keys(facts).filter((key) => !ORDER.includes(key))
  return [...ORDER.filter((key) => key in facts), ...rest].map((key) => ({
    key,
    value: plain(facts[key]),
  }))
}

import { i18n } from '@/i18n'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const formats = new Map<string, Intl.DateTimeFormat>()

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = i18n.global.locale.value
  const key = `${locale}/${name}`
  let found = formats.get(key)
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(locale, options)))
  return found
}

/** The exact time, for the tooltip: date, seconds and zone. */
export function exact(iso: string): string {
  return format('exact', { dateStyle: 'medium', timeStyle: 'long' }).format(new Date(iso))
}

/** `14:02` today, `11-20 14:02` this year, `2025-11-20` before. */
export function clock(iso: string, now: number = Date.now()): string {
  const date = new Date(iso)
  const today = new Date(now)
  const two = (n: number) => String(n).padStart(2, '0')
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`
  if (date.toDateString() === today.toDateString()) return time
  if (date.getFullYear() === today.getFullYear()) return `${day} ${time}`
  return `${date.getFullYear()}-${day}`
}

/** `2026-11-20 22:00`: a time that someone chose, with its day. */
export function minute(iso: string): string {
  return isoWithOffset(new Date(iso)).slice(0, 16).replace('T', ' ')
}

/** A duration in at most two units: `3 小时 20 分`. Input in milliseconds; never negative. */
export function duration(milliseconds: number): string {
  const { t } = i18n.global
  const ms = Math.max(0, milliseconds)
  if (ms < MINUTE) return t('time.underMinute')
  if (ms < HOUR) return t('time.minutes', { m: Math.floor(ms / MINUTE) })
  if (ms < DAY) {
    const h = Math.floor(ms / HOUR)
    const m = Math.floor((ms % HOUR) / MINUTE)
    return m ? t('time.hoursMinutes', { h, m }) : t('time.hours', { h })
  }
  const d = Math.floor(ms / DAY)
  const h = Math.floor((ms % DAY) / HOUR)
  return h && d < 7 ? t('time.daysHours', { d, h }) : t('time.days', { d })
}

/** How long something took, or has taken until now; with seconds below an hour: `2 分 5 秒`. */
export function spent(from: string, to: string | null, now: number): string {
  const { t } = i18n.global
  const ms = Math.max(0, (to ? Date.parse(to) : now) - Date.parse(from))
  if (ms >= HOUR) return duration(ms)
  const [m, s] = [Math.floor(ms / MINUTE), Math.round((ms % MINUTE) / 1000)]
  return m ? t('time.minutesSeconds', { m, s }) : t('time.seconds', { s })
}

/** `12 分钟前`; a date if it is older than a week. */
export function ago(iso: string, now: number): string {
  const { t } = i18n.global
  const passed = now - Date.parse(iso)
  if (passed < MINUTE) return t('time.justNow')
  if (passed > 7 * DAY) return clock(iso, now)
  if (passed >= DAY) return t('time.ago', { span: t('time.days', { d: Math.floor(passed / DAY) }) })
  if (passed >= HOUR)
    return t('time.ago', { span: t('time.hours', { h: Math.floor(passed / HOUR) }) })
  return t('time.ago', { span: duration(passed) })
}

/** The time left until `iso`, or how long it is overdue. */
export function dueIn(iso: string, now: number): { late: boolean; words: string } {
  const { t } = i18n.global
  const left = Date.parse(iso) - now
  const span = duration(Math.abs(left))
  return left < 0
    ? { late: true, words: t('time.overdue', { span }) }
    : { late: false, words: t('time.left', { span }) }
}

/** A local date as ISO 8601 with its offset, as the API expects times. */
export function isoWithOffset(date: Date): string {
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0')
  const offset = -date.getTimezoneOffset()
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day}T${time}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`
}

/** `2026-11`: the month of a time, in local time. */
export function monthOf(date: Date): string {
  return isoWithOffset(date).slice(0, 7)
}

/** The month `step` months away: `monthStep('2026-01', -1)` is `2025-12`. */
export function monthStep(month: string, step: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return monthOf(new Date(year, number - 1 + step, 1))
}

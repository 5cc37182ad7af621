import { i18n } from '@/i18n'

export const percent = (rate: number | null): string =>
  rate === null ? '—' : `${(rate * 100).toFixed(rate === 1 ? 0 : 1)}%`

/** Hours with their unit: minutes below one hour, days from two days on. */
export function hours(value: number | null): string {
  const { t } = i18n.global
  if (value === null) return '—'
  if (value * 60 < 1) return t('time.underMinute')
  if (value < 1) return t('time.minutes', { m: Math.round(value * 60) })
  if (value < 48) return t('time.hours', { h: Number(value.toFixed(1)) })
  return t('time.days', { d: Number((value / 24).toFixed(1)) })
}

import type { Field } from '@/api/types'
import { i18n } from '@/i18n'

const DECIMALS = 2
const CURRENCY = 'CNY'

/** `12,345.60`: an amount for display. */
export function grouped(amount: number, field: Pick<Field, 'precision'>): string {
  const digits = field.precision ?? DECIMALS
  return new Intl.NumberFormat(i18n.global.locale.value, {
    minimumFractionDigits: digits,
    maximumFractionDigits: Math.max(digits, DECIMALS),
  }).format(amount)
}

/** `¥`, `$`, `CHF`: the currency's short sign, if it has one. */
export function currencySign(field: Pick<Field, 'currency'>): string {
  const parts = new Intl.NumberFormat(i18n.global.locale.value, {
    style: 'currency',
    currency: field.currency ?? CURRENCY,
    currencyDisplay: 'narrowSymbol',
  }).formatToParts(0)
  return parts.find((part) => part.type === 'currency')?.value ?? ''
}

/** `¥ 12,345.60`. */
export function money(amount: number, field: Pick<Field, 'currency' | 'precision'>): string {
  return `${currencySign(field)} ${grouped(amount, field)}`
}

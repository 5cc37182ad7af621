import type { Field, FormValues } from '@/api/types'
import { money } from '@/lib/format/money'

/** The sum of a column, exact in its decimals; null if it is not a column of numbers. */
export function totalOf(column: Field, rows: readonly FormValues[]): number | null {
  if (column.type !== 'money' && column.type !== 'number') return null
  const scale = 10 ** (column.precision ?? (column.type === 'money' ? 2 : 0))
  const units = rows
    .map((row) => row[column.key])
    .filter((cell) => typeof cell === 'number')
    .reduce((sum, cell) => sum + Math.round(cell * scale), 0)
  return units / scale
}

/**
 * The totals of a table in words, one per column, empty if there is none. Amounts of money next to a column of
 * numbers are not added up, because they may be prices per piece.
 */
export function totalsOf(columns: readonly Field[], rows: readonly FormValues[]): string[] {
  const counts = columns.some(({ type }) => type === 'number')
  return columns.map((column) => {
    const total = column.type === 'money' && counts ? null : totalOf(column, rows)
    if (total === null) return ''
    return column.type === 'money' ? money(total, column) : String(total)
  })
}

import type { Field, FormValues } from '@/api/types'

/** The sum of a column, exact in its decimals; null where it is not a column of numbers. */
export function totalOf(column: Field, rows: readonly FormValues[]): number | null {
  if (column.type !== 'money' && column.type !== 'number') return null
  const scale = 10 ** (column.precision ?? (column.type === 'money' ? 2 : 0))
  const units = rows
    .map((row) => row[column.key])
    .filter((cell) => typeof cell === 'number')
    .reduce((sum, cell) => sum + Math.round(cell * scale), 0)
  return units / scale
}
